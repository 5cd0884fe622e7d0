import { Component, YamlFile, type awscdk } from 'projen';
import { GithubWorkflow, workflows } from 'projen/lib/github';
import { PinnedActions } from './actions';

/** The layer's zips are the same, byte for byte, where they are built with the same compiler. */
const RUST = '1.95.0';

/** Which step of the job that publishes to npm does so. */
const NPM_RELEASE_STEP = 10;
export const NODE = '24';
/** What the hosted runners lack of what a build needs, and the compiler that the zips are built with. */
export const TOOLS: workflows.JobStep[] = [
  {
    name: 'Install Rust',
    run: `rustup toolchain install ${RUST} --profile minimal --component clippy && rustup default ${RUST}`,
  },
];

/** Loki and the host are built once. A release takes nothing from a cache. */
export const CACHE: workflows.JobStep[] = [
  {
    name: 'Cache what is built from source',
    uses: 'actions/cache',
    with: {
      path: '~/.cache/lambdawatch',
      key: "lambdawatch-${{ hashFiles('extension/host/**', 'test/**/go.sum', 'build/**') }}",
      'restore-keys': 'lambdawatch-',
    },
  },
];

const { READ, WRITE } = workflows.JobPermission;
const RUNNER = ['ubuntu-latest'];
const INSTALL: workflows.JobStep[] = [
  { name: 'Setup Node.js', uses: 'actions/setup-node', with: { 'node-version': NODE, 'package-manager-cache': false } },
  { name: 'Install dependencies', run: 'npm ci' },
];

function checkout(options: Record<string, unknown>): workflows.JobStep {
  return { name: 'Checkout', uses: 'actions/checkout', with: options };
}

/** All that projen doesn't bring by itself: the files of a release and their check, the weekly rehearsal, updates. */
export class Workflows extends Component {
  constructor(private readonly library: awscdk.AwsCdkConstructLibrary) {
    super(library);
    new PinnedActions(library.github!);
    this.addFilesToRelease();
    this.verify();
    this.weekly();
    this.updates();
  }

  /** The files of the release workflow exist only now. */
  public override preSynthesize(): void {
    // A build changes nothing in the repository.
    this.library.buildWorkflow!.workflow.file!.addOverride('jobs.build.permissions', { contents: 'read' });
    const release = this.library.tryFindObjectFile('.github/workflows/release.yml')!;
    release.addOverride('jobs.release_github.permissions', {
      contents: 'write',
      'id-token': 'write',
      attestations: 'write',
    });
    release.addOverride('jobs.release_github.outputs', { tag: '${{ steps.tag.outputs.tag }}' });
    // The default of what publishes is the same, and no name of a registry need stand here.
    release.addDeletionOverride(`jobs.release_npm.steps.${NPM_RELEASE_STEP}.env.NPM_REGISTRY`);
  }

  private addFilesToRelease(): void {
    const { release } = this.library;
    const done = '${{ !inputs.dry_run }}';
    release!.publisher.addGitHubPrePublishingSteps({
      name: 'Attest the provenance of the layers',
      if: done,
      uses: 'actions/attest-build-provenance',
      with: { 'subject-path': 'dist/release/*.zip' },
    });
    release!.publisher.addGitHubPostPublishingSteps(
      {
        name: 'Attach the layers',
        if: done,
        run: 'gh release upload "$(cat dist/releasetag.txt)" -R "$GITHUB_REPOSITORY" --clobber dist/release/*',
        env: { GITHUB_TOKEN: '${{ secrets.GITHUB_TOKEN }}' },
      },
      { name: 'Tag', id: 'tag', if: done, run: 'echo "tag=$(cat dist/releasetag.txt)" >> "$GITHUB_OUTPUT"' },
    );
    const released = "${{ needs.release_github.outputs.tag != '' }}";
    const rebuild: workflows.JobCallingReusableWorkflow = {
      name: 'Rebuild the layers',
      needs: ['release_github'],
      if: released,
      permissions: { contents: READ },
      uses: './.github/workflows/verify.yml',
      with: { tag: '${{ needs.release_github.outputs.tag }}' },
    };
    release!.addJobs({
      // A job may well call another workflow; only the type doesn't know.
      verify: rebuild as unknown as workflows.Job,
      examples: {
        name: 'Update examples and reference',
        needs: ['release_github'],
        if: released,
        runsOn: RUNNER,
        permissions: { contents: WRITE, pullRequests: WRITE },
        env: { TAG: '${{ needs.release_github.outputs.tag }}' },
        steps: [
          checkout({ ref: 'main' }),
          ...INSTALL,
          { name: 'Write the version', run: 'npx tsx release/examples.ts "${TAG#v}"' },
          { name: 'Write the reference', run: 'npx projen compile && npx projen docs:api' },
          {
            name: 'Open a pull request',
            uses: 'peter-evans/create-pull-request',
            with: {
              branch: 'release/examples',
              title: 'docs: examples and reference of ${{ env.TAG }}',
              'commit-message': 'docs: examples and reference of ${{ env.TAG }}',
              body: 'Written by the release of ${{ env.TAG }}.',
            },
          },
        ],
      },
    });
  }

  private verify(): void {
    const workflow = new GithubWorkflow(this.library.github!, 'verify');
    const inputs = { tag: { description: 'Tag of the release, like v1.2.3', required: true, type: 'string' as const } };
    workflow.on({ workflowDispatch: { inputs }, workflowCall: { inputs } });
    workflow.addJob('rebuild', {
      name: 'Rebuild the layers of a release and compare them',
      runsOn: RUNNER,
      permissions: { contents: READ },
      env: { TAG: '${{ inputs.tag }}', GH_TOKEN: '${{ secrets.GITHUB_TOKEN }}' },
      steps: [
        checkout({ ref: '${{ inputs.tag }}', 'persist-credentials': false }),
        ...TOOLS,
        ...INSTALL,
        { name: 'Build', run: 'npm pkg set "version=${TAG#v}" && npx projen layer' },
        {
          name: 'Compare',
          run: [
            'gh release download "$TAG" --pattern SHA256SUMS --dir published',
            "grep -E ' lambdawatch-(x86_64|arm64)\\.zip$' published/SHA256SUMS > lib/layer/SHA256SUMS",
            'test "$(wc -l < lib/layer/SHA256SUMS)" -eq 2',
            'cd lib/layer && sha256sum --check --strict SHA256SUMS',
          ].join('\n'),
        },
      ],
    });
  }

  private weekly(): void {
    const workflow = new GithubWorkflow(this.library.github!, 'weekly');
    workflow.on({ schedule: [{ cron: '17 4 * * 1' }], workflowDispatch: {} });
    workflow.addJob('rehearse', {
      name: 'Rehearse a release in all languages',
      runsOn: RUNNER,
      permissions: { contents: READ },
      steps: [
        checkout({ 'fetch-depth': 0, 'persist-credentials': false }),
        ...TOOLS,
        ...INSTALL,
        { name: 'Rehearse', run: 'npm run release:rehearse' },
        { name: 'Newest CDK', run: 'npm run test:newest-cdk' },
      ],
    });
  }

  /** npm packages of the project are updated by projen's own workflow. */
  private updates(): void {
    const update = (ecosystem: string, ...directories: readonly string[]): object => ({
      'package-ecosystem': ecosystem,
      directories,
      schedule: { interval: 'weekly' },
      'commit-message': { prefix: 'build' },
      groups: { [ecosystem]: { patterns: ['*'] } },
    });
    new YamlFile(this.library, '.github/dependabot.yml', {
      committed: true,
      obj: {
        version: 2,
        updates: [
          // These say that there is something new; it is written into projenrc/actions.ts.
          update('github-actions', '/'),
          update('cargo', '/extension/host', '/bench/harness'),
          update('gomod', '/test/loki/server', '/test/functions/go', '/test/tools/actionlint'),
          update('pip', '/build', '/test/tools', '/test/functions/python', '/release/tools'),
          update('npm', '/release/tools'),
        ],
      },
    });
  }
}
