/** The grammar builds the tree, so it is declared there. */
export type {
  BinaryOperator,
  Element,
  Expression,
  Literal,
  MapEntry,
  MessageField,
  Range,
  UnaryOperator,
} from '../../../grammars/cel/syntax-tree.ts';
