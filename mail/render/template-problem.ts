// What is wrong with a template, and where: every problem at once, as a compiler tells it.

export type TemplateProblemCode =
  | 'template.part-missing'
  | 'template.file-unknown'
  | 'template.manifest-invalid'
  | 'template.schema-invalid'
  | 'template.sample-invalid'
  | 'template.too-large'
  | 'template.too-many-mustaches'
  | 'template.too-deep'
  | 'template.syntax'
  | 'template.unclosed-block'
  | 'template.unescaped'
  | 'template.decorator'
  | 'template.partial-by-value'
  | 'template.partial-block'
  | 'template.partial-nested'
  | 'template.unknown-partial'
  | 'template.unknown-helper'
  | 'template.wrong-arguments'
  | 'template.unknown-variable'
  | 'template.optional-unguarded'
  | 'template.wrong-type'
  | 'template.unquoted-attribute'
  | 'template.unchecked-url'
  | 'template.script-context'
  | 'template.style-context'
  | 'template.tag-context'
  | 'template.comment-context'
  | 'template.uneven-block'
  | 'template.line-break';

export interface TemplateProblem {
  readonly code: TemplateProblemCode;
  /** As in the template's directory, `en/body.html.hbs`; a shared one begins with `partials/`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly detail: string;
  readonly expected?: string;
  readonly didYouMean?: string;
}
