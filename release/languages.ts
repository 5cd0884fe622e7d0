import { join } from 'node:path';
import { type Open, go, maven, npm, nuget, pypi } from './registries';

/** Where an example is built. */
export interface Workplace {
  /** A copy of the example. */
  readonly app: string;
  /** Runs a command in the copy, with the registry in sight. */
  run(command: string, ...args: readonly string[]): Promise<unknown>;
}

export interface Language {
  /** As the folder below `examples/`. */
  readonly name: string;
  /** As jsii calls it: there is a task `package:<target>`. */
  readonly target: string;
  readonly registry: Open;
  /** What the registry is, for the record. */
  readonly registryName: string;
  /** Commands that must succeed, or the language is skipped. */
  readonly tools: readonly (readonly [string, ...string[]])[];
  /** What `examples/README.md` says to do before `cdk synth`; may give a folder of programs to find first. */
  readonly install: (place: Workplace) => Promise<string | void>;
  /** Makes the code of the package even where a tool is missing, so that at least this is seen to work. */
  readonly codeWithoutTools?: true;
}

const nothing = async (): Promise<void> => undefined;

export const LANGUAGES: readonly Language[] = [
  {
    name: 'typescript',
    target: 'js',
    registry: npm,
    registryName: 'verdaccio',
    tools: [['npm', '--version']],
    async install({ run }) {
      await run('npm', 'install', '--no-audit', '--no-fund', '--loglevel=error');
      await run('npx', 'tsc');
    },
  },
  {
    name: 'python',
    target: 'python',
    registry: pypi,
    registryName: 'pypiserver',
    tools: [['python3', '-c', 'import venv, ensurepip']],
    async install({ app, run }) {
      await run('python3', '-m', 'venv', '.venv');
      await run(join('.venv', 'bin', 'pip'), 'install', '--quiet', '-r', 'requirements.txt');
      return join(app, '.venv', 'bin');
    },
  },
  {
    name: 'java',
    target: 'java',
    registry: maven,
    registryName: 'a Maven folder',
    tools: [
      ['javac', '-version'],
      ['mvn', '--version'],
    ],
    install: nothing,
  },
  {
    name: 'go',
    target: 'go',
    registry: go,
    registryName: 'a bare git repository',
    tools: [
      ['go', 'version'],
      ['git', '--version'],
    ],
    install: nothing,
  },
  {
    name: 'csharp',
    target: 'dotnet',
    registry: nuget,
    registryName: 'a NuGet folder',
    tools: [['dotnet', '--version']],
    install: nothing,
    codeWithoutTools: true,
  },
];
