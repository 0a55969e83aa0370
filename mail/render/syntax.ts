// The part of Handlebars' syntax tree that templates may be made of.

export interface Location {
  /** From 1. */
  readonly line: number;
  /** From 0. */
  readonly column: number;
}

interface Node {
  readonly loc: { readonly start: Location };
}

export interface PathNode extends Node {
  readonly type: 'PathExpression';
  readonly data: boolean;
  readonly depth: number;
  readonly parts: readonly string[];
  readonly original: string;
}

export interface LiteralNode extends Node {
  readonly type: 'StringLiteral' | 'NumberLiteral' | 'BooleanLiteral';
  readonly value: string | number | boolean;
}

export interface PairNode extends Node {
  readonly key: string;
  readonly value: ExpressionNode;
}

interface CallNode extends Node {
  readonly path: PathNode;
  readonly params: readonly ExpressionNode[];
  readonly hash?: { readonly pairs: readonly PairNode[] };
}

export interface SubExpressionNode extends CallNode {
  readonly type: 'SubExpression';
}

export type ExpressionNode = PathNode | LiteralNode | SubExpressionNode;

export interface ProgramNode extends Node {
  readonly type: 'Program';
  readonly body: readonly StatementNode[];
  readonly blockParams?: readonly string[];
}

export interface BlockNode extends CallNode {
  readonly type: 'BlockStatement';
  readonly program?: ProgramNode;
  readonly inverse?: ProgramNode;
}

export interface MustacheNode extends CallNode {
  readonly type: 'MustacheStatement';
  readonly escaped: boolean;
}

export interface PartialNode extends Node {
  readonly type: 'PartialStatement';
  readonly name: PathNode;
  readonly params: readonly ExpressionNode[];
  readonly hash?: { readonly pairs: readonly PairNode[] };
}

export interface ContentNode extends Node {
  readonly type: 'ContentStatement';
  readonly value: string;
  /** As written, before Handlebars takes the white space of lines that hold nothing but a block. */
  readonly original: string;
}

export interface CommentNode extends Node {
  readonly type: 'CommentStatement';
}

export type StatementNode = BlockNode | MustacheNode | PartialNode | ContentNode | CommentNode;
