import { Aws } from './aws/clients';
import { UsageError } from './errors';
import { Interrupt } from './interrupt';
import { Ui } from './output/ui';

/** Options that every command which calls AWS takes. */
export interface CommonOptions {
  readonly profile?: string;
  readonly region?: string[];
  readonly endpointUrl?: string;
  readonly concurrency?: number;
  readonly json?: boolean;
}

/** What a command needs. */
export interface Context {
  readonly ui: Ui;
  readonly aws: Aws;
  readonly interrupt: Interrupt;
  readonly concurrency: number;
}

export function createContext(options: CommonOptions): Context {
  const ui = new Ui({ json: options.json ?? false });
  if (options.endpointUrl !== undefined && !/^https?:\/\/\S+$/.test(options.endpointUrl)) {
    throw new UsageError(
      `--endpoint-url is ${JSON.stringify(options.endpointUrl)}; it must be a URL that begins with https:// or http://`,
    );
  }
  return {
    ui,
    aws: new Aws({ profile: options.profile, endpoint: options.endpointUrl, regions: options.region ?? [] }),
    interrupt: new Interrupt((line) => ui.note(line)),
    concurrency: options.concurrency ?? 4,
  };
}
