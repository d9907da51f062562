import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import ts from 'typescript';

/** The source files that evaluating a module evaluates, itself included. */
export function evaluatedBy(file: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const specifier of runtimeImports(parse(file, readFileSync(file, 'utf8')))) {
    const imported = resolve(dirname(file), specifier.replace(/\.js$/, '.ts'));
    if (specifier.startsWith('.') && existsSync(imported)) evaluatedBy(imported, found);
  }
  return found;
}

/**
 * What a module keeps between two uses and can change: variables, and containers that start empty or are not declared
 * read-only. Other objects are no state, because the SDK freezes what a preloaded module exports.
 */
export function moduleState(name: string, source: string): readonly string[] {
  const file = parse(name, source);
  const found: string[] = [];
  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) {
      const isConstant = (statement.declarationList.flags & ts.NodeFlags.Const) !== 0;
      for (const declaration of statement.declarationList.declarations) {
        if (!isConstant || isContainer(declaration)) found.push(declaration.name.getText(file));
      }
    }
    if (ts.isClassDeclaration(statement)) {
      const properties = statement.members.filter((member) => ts.isPropertyDeclaration(member));
      for (const property of properties.filter(isStatic)) {
        if (!isReadonly(property) || isContainer(property)) found.push(property.name.getText(file));
      }
    }
  }
  return found;

  function isContainer({ initializer, type }: ts.VariableDeclaration | ts.PropertyDeclaration): boolean {
    if (!initializer) return false;
    if (ts.isArrayLiteralExpression(initializer)) return initializer.elements.length === 0;
    if (ts.isObjectLiteralExpression(initializer)) return initializer.properties.length === 0;
    return ts.isNewExpression(initializer) && !/^Readonly(?:Map|Set)\b/.test(type?.getText(file) ?? '');
  }
}

function parse(name: string, source: string): ts.SourceFile {
  return ts.createSourceFile(name, source, ts.ScriptTarget.ES2022, true);
}

function runtimeImports(file: ts.SourceFile): readonly string[] {
  return file.statements
    .filter((statement) => ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement))
    .filter((statement) => !isTypeOnly(statement))
    .flatMap(({ moduleSpecifier }) =>
      moduleSpecifier && ts.isStringLiteral(moduleSpecifier) ? [moduleSpecifier.text] : [],
    );
}

function isTypeOnly(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  return ts.isExportDeclaration(statement)
    ? statement.isTypeOnly
    : statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

function isStatic(property: ts.PropertyDeclaration): boolean {
  return property.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) ?? false;
}

function isReadonly(property: ts.PropertyDeclaration): boolean {
  return property.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ReadonlyKeyword) ?? false;
}
