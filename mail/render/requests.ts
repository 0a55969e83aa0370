// What goes between the renderer and its thread: JSON text only, so that nothing but plain data crosses.
import type { Problem } from '../../engine/errors/recourse-error.js';
import type { RenderedMail, TemplateFiles } from './template.js';
import type { TemplateProblem } from './template-problem.js';

/** Bounds that a test may set otherwise, to see what they keep away. */
export interface RenderBounds {
  readonly roundsMax: number;
  readonly outputCharsMax: number;
}

export type RenderWork =
  | { readonly kind: 'check'; readonly template: TemplateFiles }
  | {
      readonly kind: 'render';
      readonly template: TemplateFiles;
      readonly locale: string;
      readonly timeZone: string;
      readonly variables: unknown;
    };

export interface RenderFailure {
  /** A code of the mail room. */
  readonly code: string;
  readonly detail: string;
  readonly problems: readonly (Problem | TemplateProblem)[];
  readonly data: Readonly<Record<string, unknown>>;
}

export type RenderAnswer =
  | { readonly problems: readonly TemplateProblem[] }
  | { readonly mail: RenderedMail }
  | { readonly failure: RenderFailure };
