import {
  type Assembly,
  type ClassType,
  type InterfaceType,
  type Method,
  type Parameter,
  type Property,
  type Type,
  type TypeReference,
  TypeKind,
} from '@jsii/spec';

/**
 * Writes C# types to compile against in place of other jsii assemblies, from their `.jsii` files: classes with their
 * constructors and members, structs with their properties, enums, and interfaces without members. A member is left out
 * unless all its types are wanted, so that a few dozen types replace the thousands of CDK.
 */
export class Stubs {
  private readonly types: ReadonlyMap<string, Type>;
  private readonly namespaces: ReadonlyMap<string, string>;
  private readonly wanted = new Set<string>();

  constructor(assemblies: readonly Assembly[]) {
    this.types = new Map(assemblies.flatMap(({ types = {} }) => Object.entries(types)));
    this.namespaces = new Map(
      assemblies.flatMap(
        ({ name, targets, submodules = {} }) =>
          [
            [name, targets!.dotnet!.namespace as string],
            ...Object.entries(submodules).map(([module, { targets: own }]) => [
              module,
              own?.dotnet?.namespace ??
                `${targets!.dotnet!.namespace as string}.${module.split(/[._]/).slice(1).map(pascal).join('')}`,
            ]),
          ] as [string, string][],
      ),
    );
  }

  /** Adds all that an assembly names. */
  addNamedBy({ types = {} }: Assembly): void {
    for (const [, fqn] of JSON.stringify(types).matchAll(/"([\w-]+(?:\.\w+)+)"/g)) this.add(fqn);
  }

  /** Adds all whose namespace a program uses and whose name it mentions, whether it means them or not. */
  addMentionedIn(program: string): void {
    const used = new Set([...program.matchAll(/^using ([\w.]+);/gm)].map(([, name]) => name));
    const words = new Set(program.match(/\w+/g));
    for (const [fqn, type] of this.types) {
      const struct = isStruct(type) ? `I${type.name}` : type.name;
      if (used.has(this.namespaceOf(type) ?? '') && (words.has(type.name) || words.has(struct))) this.add(fqn);
    }
    for (const fqn of this.wanted) {
      const type = this.types.get(fqn)!;
      if (type.kind !== TypeKind.Class) continue;
      for (const { name, parameters = [], returns } of type.methods ?? []) {
        const named = [...parameters, ...(returns ? [returns] : [])].flatMap(({ type: its }) =>
          'fqn' in its ? [its.fqn] : [],
        );
        if (words.has(pascal(name))) named.forEach((one) => this.add(one));
      }
    }
  }

  /** The full names of the enums, which are values, so that their `?` means something without nullable references. */
  enums(): string[] {
    return [...this.types.values()].flatMap((type) =>
      type.kind === TypeKind.Enum && this.namespaceOf(type) ? [this.nameOf(type)] : [],
    );
  }

  toString(): string {
    return (
      [...this.wanted]
        .map((fqn) => this.types.get(fqn)!)
        .map((type) => `namespace ${this.namespaceOf(type)}\n{\n${this.declare(type)}\n}\n`)
        .join('\n') + this.anchors()
    );
  }

  private add(fqn: string): void {
    const type = this.types.get(fqn);
    // Types inside of types are not needed so far.
    if (!type || (type.namespace && !this.namespaces.has(`${type.assembly}.${type.namespace}`)) || this.wanted.has(fqn))
      return;
    this.wanted.add(fqn);
    if (type.kind === TypeKind.Enum) return;
    for (const parent of type.interfaces ?? []) this.add(parent);
    if (type.kind !== TypeKind.Class) return;
    if (type.base) this.add(type.base);
    for (const { type: parameter } of type.initializer?.parameters ?? [])
      if ('fqn' in parameter) this.add(parameter.fqn);
  }

  private declare(type: Type): string {
    const parents = (names: readonly string[] = []): string =>
      names.map((name) => this.nameOf(this.types.get(name)!)).join(', ');
    if (type.kind === TypeKind.Enum)
      return `  public enum ${type.name} { ${type.members.map(({ name }) => name).join(', ')} }`;
    if (type.kind === TypeKind.Class)
      return this.declareClass(type, parents([...(type.base ? [type.base] : []), ...(type.interfaces ?? [])]));
    const list = parents(type.interfaces);
    const iface = `  public interface ${isStruct(type) ? 'I' : ''}${type.name}${list && ` : ${list}`} { }`;
    if (!isStruct(type)) return iface;
    const properties = this.propertiesOfStruct(type.fqn).flatMap((property) =>
      this.property(property, 'public', 'get; set;'),
    );
    return [iface, `  public class ${type.name} : I${type.name}`, '  {', ...properties, '  }'].join('\n');
  }

  private propertiesOfStruct(fqn: string): Property[] {
    const type = this.types.get(fqn)!;
    if (!isStruct(type)) return [];
    return [
      ...(type.interfaces?.flatMap((parent) => this.propertiesOfStruct(parent)) ?? []),
      ...(type.properties ?? []),
    ];
  }

  private declareClass({ name, base, initializer, properties = [], methods = [] }: ClassType, parents: string): string {
    const list = base ? parents : ['Amazon.JSII.Runtime.Deputy.DeputyBase', parents].filter(Boolean).join(', ');
    const ofBase = (argument: string): string => `base((${argument})null)`;
    const [props, reference] = ['Amazon.JSII.Runtime.Deputy.DeputyProps', 'Amazon.JSII.Runtime.Deputy.ByRefValue'];
    const parameters = initializer && this.parameters(initializer.parameters);
    return [
      `  public class ${name} : ${list}`,
      '  {',
      `    protected ${name}(${props} props) : ${ofBase(props)} { }`,
      `    protected ${name}(${reference} reference) : ${ofBase(reference)} { }`,
      ...(parameters === undefined
        ? []
        : [`    ${initializer!.protected ? 'protected' : 'public'} ${name}(${parameters}) : ${ofBase(props)} { }`]),
      ...properties
        .filter(({ protected: hidden }) => !hidden)
        .flatMap((property) =>
          this.property(property, `public ${this.modifier(property)}`, property.immutable ? 'get;' : 'get; set;'),
        ),
      ...methods.filter(({ protected: hidden }) => !hidden).flatMap((method) => this.method(method)),
      '  }',
    ].join('\n');
  }

  private method(method: Method): string[] {
    const parameters = this.parameters(method.parameters);
    const result = method.returns ? this.typeName(method.returns.type, method.returns.optional) : 'void';
    if (parameters === undefined || result === undefined) return [];
    return [`    public ${this.modifier(method)} ${result} ${pascal(method.name)}(${parameters}) => throw null;`];
  }

  private modifier({ static: isStatic, overrides }: Method | Property): string {
    if (isStatic) return 'static';
    return overrides && this.types.get(overrides)?.kind === TypeKind.Class ? 'override' : 'virtual';
  }

  private property({ name, type, optional }: Property, modifiers: string, accessors: string): string[] {
    const typeName = this.typeName(type, optional);
    return typeName === undefined ? [] : [`    ${modifiers} ${typeName} ${propertyName(name)} { ${accessors} }`];
  }

  private parameters(parameters: readonly Parameter[] = []): string | undefined {
    const declared = parameters.map(({ name, type, optional, variadic }) => {
      const typeName = this.typeName(type, optional);
      if (typeName === undefined) return undefined;
      return variadic ? `params ${typeName}[] @${name}` : `${typeName} @${name}${optional ? ' = null' : ''}`;
    });
    return declared.includes(undefined) ? undefined : declared.join(', ');
  }

  /** `undefined` where a type is not wanted. */
  private typeName(type: TypeReference, optional = false): string | undefined {
    if ('primitive' in type) {
      const value = { number: 'double', boolean: 'bool', date: 'System.DateTime' }[type.primitive as string];
      return value ? `${value}${optional ? '?' : ''}` : type.primitive === 'string' ? 'string' : 'object';
    }
    if ('collection' in type) {
      const element = this.typeName(type.collection.elementtype);
      return (
        element &&
        (type.collection.kind === 'array'
          ? `${element}[]`
          : `System.Collections.Generic.IDictionary<string, ${element}>`)
      );
    }
    if (!('fqn' in type)) return 'object';
    if (!this.wanted.has(type.fqn)) return undefined;
    const found = this.types.get(type.fqn)!;
    return `${this.nameOf(found)}${found.kind === TypeKind.Enum && optional ? '?' : ''}`;
  }

  private nameOf(type: Type): string {
    return `${this.namespaceOf(type)}.${isStruct(type) ? 'I' : ''}${type.name}`;
  }

  private namespaceOf({ assembly, namespace }: Type): string | undefined {
    return this.namespaces.get(namespace ? `${assembly}.${namespace}` : assembly);
  }

  /** Classes by which generated code makes sure that the assemblies it needs are loaded. */
  private anchors(): string {
    return [...new Set([...this.types.values()].map(({ assembly }) => this.namespaces.get(assembly)!))]
      .map((namespace) => `namespace ${namespace}.Internal.DependencyResolution { public sealed class Anchor { } }\n`)
      .join('');
  }
}

/** Turns the C# 8 that jsii generates into C# 7: without nullable references, and only signatures in interfaces. */
export function withoutNewerSyntax(code: string, enums: readonly string[]): string {
  const values = new Set(['double', 'bool', 'System.DateTime', ...enums]);
  const [, iface] = /\bpublic interface (\w+)/.exec(code) ?? [];
  return (
    code
      // A class in an interface becomes one beside it.
      .replace(
        iface ? /^( {8}\[JsiiTypeProxy.*\n[^]*?^ {8}\}\n)( {4}\}\n)/m : /$^/,
        (_, proxy: string, end: string) =>
          `${end}${proxy.replace(/\bnew (?=internal)/, '').replace(/\b_Proxy\b/g, `${iface}_Proxy`)}`,
      )
      .replace(/\bget\s*\{\s*return null;\s*\}/g, 'get;')
      .replace(/([\w.]+)\?(?=[\s[\]>,)])/g, (whole, name: string) => (values.has(name) ? whole : name))
      .replace(/([\]>])\?(?=[\s[\]>,)])/g, '$1')
      .replace(/\)!/g, ')')
  );
}

function isStruct(type: Type): type is InterfaceType {
  return type.kind === TypeKind.Interface && type.datatype === true;
}

function pascal(name: string): string {
  return name[0].toUpperCase() + name.slice(1);
}

/** Constants keep their names. */
function propertyName(name: string): string {
  return /^[A-Z0-9_]+$/.test(name) ? name : pascal(name);
}
