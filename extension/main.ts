import { readSettings } from './config/read-settings';
import type { Settings, TelemetryType } from './config/settings';
import { Diagnostics } from './diagnostics';
import type { LifecycleEvent } from './lambda/events';
import { ExtensionsApi, type Registration } from './lambda/extensions-api';
import { subscribe } from './lambda/telemetry-api';
import { delay } from './platform/delay';
import { messageOf } from './platform/errors';
import type { JsonRows, Platform } from './platform/types';
import type { Intake } from './telemetry/intake';
import { startReceiver } from './telemetry/receiver';

/**
 * The pause between the first call of `/next` and the loading of everything that `/next` doesn't need, so that the
 * request is sent before anything else is done.
 */
const REST_AFTER_MS = 1;

/** Environments of Managed Instances run invocations side by side and announce only SHUTDOWN to extensions. */
const MANAGED_INSTANCES = 'lambda-managed-instances';

/**
 * These environments are prepared before anybody calls the function, and frozen until then. Their first `/next`, which
 * ends their Init, waits until the lines of Init are in Loki.
 */
const FROZEN_AFTER_INIT = new Set(['provisioned-concurrency', 'snap-start']);

/**
 * The extension, from start to SHUTDOWN, in the order of Lambda's Init phase: listener, register, subscribe, `/next`.
 * Nothing else is on that path: the pipeline is loaded when the first `/next` has been sent. Resolves when the process
 * may end.
 */
export async function run(platform: Platform): Promise<void> {
  const { env } = platform;
  const runtimeApi = env.AWS_LAMBDA_RUNTIME_API;
  const diagnostics = new Diagnostics(platform);
  platform.onFault((text) => diagnostics.error(text));
  if (!runtimeApi) {
    diagnostics.error(
      'AWS_LAMBDA_RUNTIME_API is not set: this is an AWS Lambda extension, which Lambda starts from /opt/extensions',
    );
    platform.exit(1);
    return;
  }
  const { settings, problems } = readSettings(env, (text) => platform.utf8Length(text));
  diagnostics.level = settings.logLevel;
  for (const { variable, message, fatal } of problems) diagnostics[fatal ? 'error' : 'warn'](`${variable}: ${message}`);

  const api = new ExtensionsApi(platform, diagnostics, runtimeApi);
  const managedInstances = env.AWS_LAMBDA_INITIALIZATION_TYPE === MANAGED_INSTANCES;
  let registration: Registration | undefined;
  let first: Promise<LifecycleEvent> | undefined;
  const next = (): Promise<LifecycleEvent> => {
    const event = first ?? api.next();
    first = undefined;
    return event;
  };
  try {
    // The listener has to run before the subscription. Deliveries wait for the pipeline.
    const gate = new Gate();
    const receiver =
      settings.endpoint &&
      (await startReceiver(platform, diagnostics, settings.telemetryPort, (events) => gate.accept(events)));
    registration = await api.register(managedInstances);
    if (settings.endpoint && receiver) {
      const types: TelemetryType[] = ['platform', ...[...settings.logTypes].filter((type) => type !== 'platform')];
      if (
        await subscribe(platform, diagnostics, { runtimeApi, identifier: api.identifier, port: receiver.port, types })
      ) {
        const frozenAfterInit = FROZEN_AFTER_INIT.has(env.AWS_LAMBDA_INITIALIZATION_TYPE ?? '');
        if (!frozenAfterInit) {
          first = api.next();
          await delay(platform, REST_AFTER_MS);
        }
        const { createPipeline } = await import('./pipeline');
        const rules = asksForRules(settings)
          ? (await import('./rules')).createLineRules(platform, diagnostics, settings, !registration.invokeEvents)
          : undefined;
        const { intake, lifecycle } = createPipeline({
          platform,
          diagnostics,
          settings,
          url: settings.endpoint.url,
          next,
          registration,
          receiver,
          rules,
        });
        gate.open(intake);
        if (frozenAfterInit) await lifecycle.init();
        await lifecycle.run(registration.invokeEvents);
        platform.exit(0);
        return;
      }
      receiver.close();
    }
  } catch (error) {
    diagnostics.error(
      `no logs are shipped, because of an unexpected error: ${messageOf(error)}; the function is not affected`,
    );
  }
  // Nothing is shipped: only do what Lambda expects of every extension.
  registration ??= await api.register(managedInstances);
  while ((await next()).eventType !== 'SHUTDOWN');
  platform.exit(0);
}

function asksForRules({ rules, minLevel, keepOnError }: Settings): boolean {
  return rules !== undefined || minLevel !== 'trace' || keepOnError;
}

/** Holds early deliveries until there is a receiver for them. */
class Gate {
  readonly #opened: Promise<Intake>;
  #intake: Intake | undefined;
  #resolve!: (intake: Intake) => void;

  constructor() {
    this.#opened = new Promise((resolve) => (this.#resolve = resolve));
  }

  open(intake: Intake): void {
    this.#intake = intake;
    this.#resolve(intake);
  }

  /** Returns a promise only if something has to be waited for. */
  accept(events: JsonRows): Promise<void> | undefined {
    return this.#intake === undefined
      ? this.#opened.then((intake) => intake.accept(events))
      : this.#intake.accept(events);
  }
}
