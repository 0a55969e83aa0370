// A mail template: a title, the schema of its variables, sample data, and three parts in each locale.
import type { VariableSchema } from './variable-schema.js';

/**
 * A template as files, which is how it is edited, checked and kept: `template.json`, `sample.json`, and for each
 * locale `<locale>/subject.hbs`, `<locale>/body.html.hbs` and `<locale>/body.text.hbs`.
 */
export interface TemplateFiles {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  /** Shared by all templates: `<locale>/<name>.html.hbs` and `<locale>/<name>.text.hbs`. */
  readonly partials: Readonly<Record<string, string>>;
}

/** What `template.json` says. */
export interface TemplateManifest {
  readonly title: string;
  readonly description: string;
  /** The end of every fallback chain: `de-CH`, `de`, then this. */
  readonly defaultLocale: string;
  readonly variables: VariableSchema;
}

export type PartName = 'subject' | 'html' | 'text';

export const partFiles: Readonly<Record<PartName, string>> = {
  subject: 'subject.hbs',
  html: 'body.html.hbs',
  text: 'body.text.hbs',
};

export const partNames = Object.keys(partFiles) as readonly PartName[];

/** A mail as it will arrive. */
export interface RenderedMail {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** The locale whose parts were used. */
  readonly locale: string;
}
