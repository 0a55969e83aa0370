// Why a template could not be rendered with its data, before it is known in which file that was.
import type { Location } from './syntax.js';

export type RenderFaultWhat = 'variable-missing' | 'value-refused' | 'output-too-large';

export class RenderFault extends Error {
  override readonly name = 'RenderFault';
  readonly what: RenderFaultWhat;
  readonly at: Location | undefined;
  /** Set by the innermost file that the fault passes. */
  file: string | undefined;

  /** Without a detail, the text of the template at the place tells what it was. */
  constructor(what: RenderFaultWhat, detail: string | undefined, at: Location | undefined) {
    super(detail ?? '');
    this.what = what;
    this.at = at;
  }
}
