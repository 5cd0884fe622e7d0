import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Component } from 'projen';
import type { GitHub } from 'projen/lib/github';

/**
 * The commits that GitHub actions are pinned to, and their versions. A tag can be moved, a commit can't. To update one,
 * look up the commit of its new tag (`git ls-remote --tags`), write both here, and run `npx projen`.
 */
const PINNED: Readonly<Record<string, readonly [commit: string, version: string]>> = {
  'actions/attest-build-provenance': ['0f67c3f4856b2e3261c31976d6725780e5e4c373', 'v4.1.1'],
  'actions/cache': ['55cc8345863c7cc4c66a329aec7e433d2d1c52a9', 'v6.1.0'],
  'actions/checkout': ['3d3c42e5aac5ba805825da76410c181273ba90b1', 'v7.0.1'],
  'actions/download-artifact': ['3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c', 'v8.0.1'],
  'actions/setup-dotnet': ['a98b56852c35b8e3190ac28c8c2271da59106c68', 'v6.0.0'],
  'actions/setup-go': ['b7ad1dad31e06c5925ef5d2fc7ad053ef454303e', 'v7.0.0'],
  'actions/setup-java': ['b6effb05e454b25005698d916606bdc6ffcbf961', 'v5.7.0'],
  'actions/setup-node': ['820762786026740c76f36085b0efc47a31fe5020', 'v7.0.0'],
  'actions/setup-python': ['5fda3b95a4ea91299a34e894583c3862153e4b97', 'v7.0.0'],
  'actions/upload-artifact': ['043fb46d1a93c77aae656e7c1c64a875d1fc6a0a', 'v7.0.1'],
  'peter-evans/create-pull-request': ['5f6978faf089d4d20b00c7766989d076bb2fc7f1', 'v8.1.1'],
};

/** Replaces the versions of actions by commits in all workflows, and says behind each which version it is. */
export class PinnedActions extends Component {
  constructor(private readonly github: GitHub) {
    super(github.project);
    for (const [action, [commit]] of Object.entries(PINNED)) github.actions.set(action, `${action}@${commit}`);
  }

  public override postSynthesize(): void {
    const folder = join(this.github.project.outdir, '.github', 'workflows');
    for (const name of readdirSync(folder)) {
      const file = join(folder, name);
      const pinned = readFileSync(file, 'utf8').replace(
        /^(\s*-? ?uses: )((?!\.\/)[^@\s]+)@(\S+)$/gm,
        (_, before, action, commit) => {
          const [expected, version] = PINNED[action] ?? [];
          if (commit !== expected)
            throw new Error(`${name} uses ${action}@${commit}: give its commit in projenrc/actions.ts`);
          return `${before}${action}@${commit} # ${version}`;
        },
      );
      chmodSync(file, 0o644);
      writeFileSync(file, pinned);
      chmodSync(file, 0o444);
    }
  }
}
