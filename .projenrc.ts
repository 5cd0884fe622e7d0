import { readFileSync } from 'node:fs';
import { awscdk, javascript, JsonFile, release, TaskShell } from 'projen';
import { CACHE, NODE, TOOLS, Workflows } from './projenrc/workflows';

/**
 * The oldest CDK that the library works with; the suite also runs against the newest one (`npm run test:newest-cdk`).
 */
const CDK_FLOOR = '2.180.0';

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'cdk-lambdawatch',
  description:
    'AWS Lambda logs in Grafana Loki: a small Lambda extension, and the CDK construct that attaches it to functions',
  author: 'The LambdaWatch authors',
  authorOrganization: true,
  authorAddress: 'https://github.com/lambdawatch/cdk-lambdawatch',
  repositoryUrl: 'https://github.com/lambdawatch/cdk-lambdawatch.git',
  license: 'MIT',
  copyrightOwner: 'The LambdaWatch authors',
  keywords: ['aws', 'lambda', 'lambda-extension', 'loki', 'grafana', 'logs', 'cdk'],
  defaultReleaseBranch: 'main',
  // The first release is 0.1.0; after that the commits decide.
  nextVersionCommand: '[ "$VERSION" != 0.0.0 ] || echo 0.1.0',
  projenrcTs: true,
  projenVersion: '0.103.25',
  packageManager: javascript.NodePackageManager.NPM,
  minNodeVersion: '20.0.0',

  jsiiVersion: '~6.0.0',
  cdkVersion: CDK_FLOOR,
  constructsVersion: '10.0.5',
  publishToPypi: { trustedPublishing: true, distName: 'cdk-lambdawatch', module: 'cdk_lambdawatch' },
  publishToMaven: {
    javaPackage: 'io.github.lambdawatch.cdk',
    mavenGroupId: 'io.github.lambdawatch',
    mavenArtifactId: 'cdk-lambdawatch',
  },
  publishToNuget: { trustedPublishing: true, dotNetNamespace: 'CdkLambdaWatch', packageId: 'CdkLambdaWatch' },
  publishToGo: { moduleName: 'github.com/lambdawatch/cdk-lambdawatch-go' },

  githubOptions: { mergify: false, pullRequestLint: false },
  pullRequestTemplate: false,
  buildWorkflowOptions: {
    mutableBuild: false,
    workflowTriggers: { push: { branches: ['main'] }, pullRequest: {}, workflowDispatch: {} },
    preBuildSteps: CACHE,
  },
  // A release is started by hand, and published without tokens where a registry can do so.
  releaseTrigger: release.ReleaseTrigger.workflowDispatch(),
  npmTrustedPublishing: true,
  postBuildSteps: [{ name: 'Collect the files of the release', run: 'npx projen release:files' }],
  jsiiReleaseVersion: JSON.parse(readFileSync('release/tools/package.json', 'utf8')).dependencies.publib,
  workflowNodeVersion: NODE,
  workflowBootstrapSteps: TOOLS,
  depsUpgradeOptions: { workflowOptions: { schedule: javascript.UpgradeDependenciesSchedule.WEEKLY } },
  // One runner for everything, Node's own: no transpiler configuration, and no snapshots that a run rewrites.
  jest: false,
  sampleCode: false,
  npmignoreEnabled: false,
  eslint: true,
  eslintOptions: {
    dirs: ['src', 'extension', 'cli', 'sandbox', 'test', 'build', 'bench', 'release'],
    devdirs: [],
    fileExtensions: ['.ts'],
    ignorePatterns: ['*.js', '*.mjs', '*.d.ts', 'node_modules/', 'lib/', 'coverage/', '.projenrc.ts', 'examples/'],
    commandOptions: { fix: false },
  },

  devDeps: [
    'typescript@~6.0.0',
    'ts-node@^10',
    'jsii-pacmak@^1.140.0',
    'jsii-diff@^1.140.0',
    '@jsii/spec@^1.140.0',
    '@types/node@^20',
    'aws-cdk@2.1148.1',
    'cdk-nag@2.36.8',
    '@biomejs/biome@2.6.8',
    '@smithy/signature-v4@5.7.5',
    'esbuild@0.28.2',
    'tsx@^4',
    'yaml@^2',
    '@gfx/zopfli@1.0.15',
    'yazl@^3',
    '@types/yazl@^3',
    // The command line: bundled into one file, so that none of them is a dependency of the package.
    '@aws-sdk/client-ec2@3.1169.0',
    '@aws-sdk/client-iam@3.1169.0',
    '@aws-sdk/client-lambda@3.1164.0',
    '@aws-sdk/client-resource-groups-tagging-api@3.1142.0',
    '@bomb.sh/tab@0.0.22',
    '@inquirer/confirm@5.1.21',
    'cli-table3@0.6.5',
    'commander@14.0.3',
    'fastest-levenshtein@1.0.16',
    'fflate@0.8.2',
    'ora@9.4.1',
    'p-limit@7.3.3',
    'picocolors@1.1.1',
  ],
  gitignore: [
    'examples/**/node_modules/',
    'examples/**/cdk.out/',
    'examples/**/.venv/',
    '/examples/go/go.sum',
    '/.cache/',
    '/coverage/',
    '__pycache__/',
    'target/',
    '/cdk.out/',
    '.venv/',
    '.jsii.tabl.json',
  ],
});

// Lock files name packages, not the registry that a machine reaches them through.
project.npmrc.addConfig('omit-lockfile-registry-resolved', 'true');
project.tasks.shell = TaskShell.system();

// Tests are checked with `tsconfig.tools.json`.
project.tryRemoveFile('test/tsconfig.json');

// What is published is listed, so that no stray file of the working folder can be. Construct Hub needs `.jsii`.
project.package.addField('files', ['lib', '.jsii', '.jsii.tabl.json', 'API.md']);
project.gitignore.exclude('/lib/');

// Biome formats; it leaves long comments and strings alone, so eslint still sees to the length of lines.
if (project.eslint) {
  const { config } = project.eslint;
  const rules = config.rules as () => Record<string, unknown>;
  const kept = (rule: string) => !rule.startsWith('@stylistic/') || rule === '@stylistic/max-len';
  config.rules = () => Object.fromEntries(Object.entries(rules()).filter(([rule]) => kept(rule)));
}
new JsonFile(project, 'biome.json', {
  obj: {
    files: {
      includes: [
        '**/*.ts',
        '!**/*.d.ts',
        '!lib',
        '!extension/config/definitions.ts',
        '!examples',
        '!dist',
        '!coverage',
      ],
    },
    formatter: { indentStyle: 'space', indentWidth: 2, lineWidth: 120 },
    json: { formatter: { enabled: false } },
    javascript: { formatter: { quoteStyle: 'single', trailingCommas: 'all' } },
    linter: { enabled: false },
    assist: { enabled: false },
  },
  marker: false,
});
project.eslint?.addRules({
  // `it` and `describe` of node:test return promises that the runner itself waits for.
  '@typescript-eslint/no-floating-promises': [
    'error',
    {
      allowForKnownSafeCalls: [
        {
          from: 'package',
          name: ['it', 'test', 'describe', 'suite', 'before', 'after', 'beforeEach', 'afterEach'],
          package: 'node:test',
        },
      ],
    },
  ],
  'import/order': 'off',
  // Bytes are counted and packed in several places.
  'no-bitwise': 'off',
  // One dialect everywhere.
  'no-restricted-syntax': [
    'error',
    {
      selector:
        'ImportDeclaration[source.value=/^(node:)?assert/]:not(:has(ImportDefaultSpecifier)), ImportDeclaration[source.value=/^(node:)?assert$/]',
      message: "import assert from 'node:assert/strict'",
    },
  ],
  curly: 'off',
  '@stylistic/max-len': [
    'error',
    { code: 120, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true },
  ],
  '@typescript-eslint/member-ordering': 'off',
  'import/no-extraneous-dependencies': [
    'error',
    {
      devDependencies: [
        '**/test/**',
        '**/build/**',
        '**/bench/**',
        '**/extension/**',
        '**/cli/**',
        '**/sandbox/**',
        '**/release/**',
        '**/projenrc/**',
      ],
    },
  ],
});
// The extension has no `private`: jsii can't take `#`, but nothing of this is jsii's.
project.eslint?.addOverride({
  files: ['extension/**/*.ts'],
  rules: {
    'no-restricted-syntax': [
      'error',
      {
        selector: ':matches(PropertyDefinition, MethodDefinition, TSParameterProperty)[accessibility="private"]',
        message: 'private members are named #name',
      },
    ],
  },
});
if (project.eslint) {
  const { parserOptions, env } = project.eslint.config;
  delete env.jest;
  delete parserOptions.projectService;
  parserOptions.project = ['./tsconfig.json', './tsconfig.tools.json', './projenrc/tsconfig.json'];
}
// Version 4 brings native bindings of which some registries lack a few, so that its lock file can't be installed from.
project.deps.removeDependency('eslint-import-resolver-typescript');
project.addDevDeps('eslint-import-resolver-typescript@3.6.3');
// The versions that the oldest CDK's own Go module names: some Go proxies lack the latest ones, and Go users' minimums
// stay low.
project.package.addPackageResolutions(
  '@aws-cdk/asset-awscli-v1@2.2.220',
  '@aws-cdk/asset-node-proxy-agent-v6@2.1.0',
  '@aws-cdk/cloud-assembly-schema@39.2.4',
);

// ---- what is not part of the jsii package is checked by its own compilers' settings ----
const strict = {
  target: 'ES2022',
  module: 'ESNext',
  moduleResolution: 'Bundler',
  strict: true,
  noEmit: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noFallthroughCasesInSwitch: true,
  isolatedModules: true,
  skipLibCheck: true,
  esModuleInterop: true,
  resolveJsonModule: true,
};
// The extension proper sees JavaScript alone: no Node.js, no DOM. Whatever else it needs goes through
// `extension/platform`.
new JsonFile(project, 'extension/tsconfig.json', {
  obj: {
    compilerOptions: { ...strict, lib: ['ES2022'], types: [] },
    include: ['**/*.ts'],
    exclude: ['platform/node', 'main.node.ts', 'host'],
  },
});
new JsonFile(project, 'tsconfig.tools.json', {
  obj: {
    compilerOptions: { ...strict, lib: ['ES2022'], types: ['node'] },
    include: [
      'build/**/*.ts',
      'cli/**/*.ts',
      'sandbox/**/*.ts',
      'test/**/*.ts',
      'bench/**/*.ts',
      'release/**/*.ts',
      'extension/**/*.ts',
    ],
    exclude: ['node_modules', 'lib'],
  },
});
project.addTask('typecheck', {
  description: 'Check the types of everything outside the jsii package',
  steps: [{ exec: 'tsc -p extension' }, { exec: 'tsc -p tsconfig.tools.json' }],
});

// ---- the layer is built before jsii compiles, so that the package always carries it ----
const layer = project.addTask('layer', {
  description: 'Build lib/layer/lambdawatch-{x86_64,arm64}.zip from source',
  steps: [{ exec: 'tsx build/layer.ts' }],
});
project.preCompileTask.spawn(layer);

// ---- the command line is one file that has all it needs in it ----
const cli = project.addTask('cli', {
  description: 'Bundle the command line into lib/cli/lambdawatch.js',
  steps: [{ exec: 'tsx build/cli.ts' }],
});
project.preCompileTask.spawn(cli);
// Optional, so that `npx cdk-lambdawatch` doesn't fetch all of the CDK for users who don't have it; npm checks the
// versions of those who do.
project.package.addField('peerDependenciesMeta', { 'aws-cdk-lib': { optional: true }, constructs: { optional: true } });
project.addBins({ 'cdk-lambdawatch': 'lib/cli/lambdawatch.js', lambdawatch: 'lib/cli/lambdawatch.js' });

// The examples in doc comments and README have to compile. Packages of other languages take their translations from the
// file that is written here; without it they would show TypeScript.
const translate = project.addTask('translate', {
  description: 'Translate the examples of doc comments and README for the packages of other languages',
  exec: 'jsii-rosetta extract --strict --fail .jsii',
  condition: '[ ! -e .jsii.tabl.json ] || [ .jsii -nt .jsii.tabl.json ]',
});
project.postCompileTask.spawn(translate);
for (const target of ['python', 'java', 'dotnet', 'go'])
  project.tasks.tryFind(`package:${target}`)!.prependSpawn(translate);

project.addTask('docs:api', {
  description: 'Write docs/api, the reference in the other languages, from .jsii',
  steps: [
    { exec: 'mkdir -p docs/api' },
    ...['python', 'java', 'csharp', 'go'].map((name) => ({ exec: `jsii-docgen -l ${name} -o docs/api/${name}.md` })),
  ],
});

project.testTask.reset();
// Without a word it runs `check`, too.
project.testTask.exec('tsx test/run.ts', { receiveArgs: true });
project.tasks.removeTask('watch');

// `npm run build` makes what users get, without running the tests or packaging five languages.
const assemble = project.addTask('assemble', { description: 'Build the layer, the jsii package and API.md' });
assemble.spawn(project.preCompileTask);
assemble.spawn(project.compileTask);
assemble.spawn(project.postCompileTask);

// Every script goes through build/start.mjs, which installs the dependencies first when they are missing or stale.
const script = (name: string, task = name) => project.package.setScript(name, `node build/start.mjs ${task}`);
script('build', 'assemble');
script('test');
script('layer');
script('typecheck');
for (const [name, description, exec] of [
  ['check', 'Check types, lint and format, TypeScript and Rust', 'tsx build/check.ts'],
  ['fix', 'Mend what eslint, biome and rustfmt can mend, then check', 'tsx build/check.ts --fix'],
  ['watch', 'Run the unit tests, and again those that a change concerns', 'tsx test/run.ts --watch'],
  ['coverage', 'Show which lines of the extension its unit tests cover', 'tsx test/run.ts --coverage'],
  [
    'mutate',
    'Change the extension in one place after the other, and print the changes that no unit test notices',
    'tsx build/mutate.ts',
  ],
  ['doctor', 'Say what this machine lacks, and which part needs it', 'tsx build/doctor.ts'],
  [
    'test:faults',
    'Run the fault suite and print its tables; --help says what else it plays',
    'tsx test/faults/main.ts',
  ],
  [
    'test:newest-cdk',
    'Run the tests of the construct library against the newest aws-cdk-lib',
    'tsx test/construct/newest.ts',
  ],
  [
    'release:rehearse',
    'Release to registries on this machine, and synthesise the examples from there',
    'tsx release/rehearse.ts',
  ],
  ['release:files', 'Put the layer zips, their SBOMs and SHA256SUMS into dist/release', 'tsx release/files.ts'],
  ['demo', 'Run three functions in a Lambda sandbox and show their lines in Loki', 'tsx test/demo/demo.ts'],
  [
    'fuzz',
    'Fuzz the host for a minute, from a random seed',
    'FUZZ_SECONDS=60 FUZZ_SEED=$(date +%s) cargo test --manifest-path extension/host/Cargo.toml --workspace --locked -- --nocapture',
  ],
  ['bench', 'Measure start, memory, throughput and the time held, beside a peer if one is given', 'tsx bench/bench.ts'],
]) {
  project.addTask(name, { description, exec, receiveArgs: true });
  script(name);
}

new Workflows(project);
project.synth();
