import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { type Change, ROOT } from './bench';

export interface Mutation extends Change {
  readonly line: number;
  /** The line without indentation. */
  readonly text: string;
  readonly from: string;
}

const OPERATORS: Readonly<Record<string, string>> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '&&': '||',
  '||': '&&',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
};

/** Calls that log that all is well. No test looks for them. */
const LOGGING = /\bdiagnostics\.(debug|info)$/;

/** Other operators, opposite conditions, other constants, and statements that are gone. */
export function mutationsOf(file: string): Mutation[] {
  const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.ES2022, true);
  const lines = source.text.split('\n');
  const found: Mutation[] = [];
  const add = (node: ts.Node, to: string): void => {
    const start = node.getStart(source);
    const line = source.getLineAndCharacterOfPosition(start).line + 1;
    found.push({ file, line, text: lines[line - 1].trim(), start, end: node.getEnd(), from: node.getText(source), to });
  };
  const isLogging = (node: ts.Node): boolean =>
    ts.isCallExpression(node) && LOGGING.test(node.expression.getText(source).replaceAll('#', ''));
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || isLogging(node)) return;
    if (ts.isBinaryExpression(node)) {
      const other = OPERATORS[node.operatorToken.getText(source)];
      const sides = [node.left, node.right];
      const joinsText = sides.some((side) => ts.isStringLiteralLike(side) || ts.isTemplateExpression(side));
      if (other !== undefined && !joinsText) add(node.operatorToken, other);
    }
    if (ts.isIfStatement(node)) for (const text of ['true', 'false']) add(node.expression, text);
    if (ts.isConditionalExpression(node)) for (const text of ['true', 'false']) add(node.condition, text);
    if (ts.isNumericLiteral(node)) add(node, `${Number(node.text.replaceAll('_', '')) + 1}`);
    if (node.kind === ts.SyntaxKind.TrueKeyword) add(node, 'false');
    if (node.kind === ts.SyntaxKind.FalseKeyword) add(node, 'true');
    if (ts.isExpressionStatement(node) && !isLogging(node.expression)) {
      if (ts.isCallExpression(node.expression) || ts.isBinaryExpression(node.expression)) add(node, ';');
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
