import * as path from 'node:path';

export interface RealLokiSettings {
  /** Folder for all of Loki's data. */
  readonly dir: string;
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly authEnabled: boolean;
  /** Entries of `limits_config`, over the ones below. */
  readonly limits: Record<string, unknown>;
  /** Any other part of the configuration, merged over the one below. */
  readonly config: Record<string, unknown>;
}

/** Loki's configuration as JSON, which is YAML too: one process, filesystem storage, all of it on 127.0.0.1. */
export function lokiConfig({ dir, httpPort, grpcPort, authEnabled, limits, config }: RealLokiSettings): string {
  const base = {
    // Loki's parts for pushes and queries. With target `all` queries would also go through a frontend and a scheduler,
    // where a large answer gets lost; and it would start later.
    target: 'distributor,ingester,querier,compactor',
    auth_enabled: authEnabled,
    server: {
      http_listen_address: '127.0.0.1',
      http_listen_port: httpPort,
      grpc_listen_address: '127.0.0.1',
      grpc_listen_port: grpcPort,
      log_level: 'warn',
      graceful_shutdown_timeout: '1s',
      // Of the ingester's answers to queries; a larger one is left out, without an error. What is received keeps its
      // limit of 4 MiB.
      grpc_server_max_send_msg_size: 1_073_741_824,
    },
    common: {
      instance_addr: '127.0.0.1',
      path_prefix: dir,
      replication_factor: 1,
      compactor_grpc_address: `127.0.0.1:${grpcPort}`,
      ring: { instance_addr: '127.0.0.1', kvstore: { store: 'inmemory' } },
      storage: { filesystem: { chunks_directory: path.join(dir, 'chunks'), rules_directory: path.join(dir, 'rules') } },
    },
    schema_config: {
      configs: [
        {
          from: '2024-01-01',
          store: 'tsdb',
          object_store: 'filesystem',
          schema: 'v13',
          index: { prefix: 'index_', period: '24h' },
        },
      ],
    },
    ingester: {
      // Ready at once: there is no other ingester to hand over from.
      lifecycler: { join_after: '0s', observe_period: '0s', min_ready_duration: '0s', final_sleep: '0s' },
      // Nothing has to survive the process.
      wal: { enabled: false },
      // Old lines must be found too while they are still in the ingester's memory: further back than any line is
      // accepted.
      query_store_max_look_back_period: '240h',
    },
    limits_config: { max_entries_limit_per_query: 0, max_query_length: '0s', ...limits },
    analytics: { reporting_enabled: false },
  };
  return JSON.stringify(merge(base, config), undefined, 2);
}

type Tree = Record<string, unknown>;

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function merge(base: Tree, over: Tree): Tree {
  const result: Tree = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const under = result[key];
    result[key] = isTree(under) && isTree(value) ? merge(under, value) : value;
  }
  return result;
}
