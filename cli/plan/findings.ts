import type { FunctionState } from '../aws/functions';
import { problemsOf } from '../settings/settings';
import { architectureOf, environmentBytes, layerObstacle, variablesOf } from './function-view';
import { statusOf } from './status';

/** The result of one check. */
export interface Finding {
  readonly level: 'ok' | 'problem' | 'warning' | 'unknown';
  /** `layer`, `settings`, … */
  readonly about: string;
  readonly text: string;
  /** What the user can do. */
  readonly wayOut?: string;
}

export const finding = (level: Finding['level'], about: string, text: string, wayOut?: string): Finding => ({
  level,
  about,
  text,
  ...(wayOut === undefined ? {} : { wayOut }),
});

/** The findings about the function itself. */
export function functionFindings(
  state: FunctionState,
  layerName: string,
  layerArchitectures: readonly string[] | undefined,
): Finding[] {
  const { config } = state;
  const name = config.FunctionName ?? '';
  const status = statusOf(state, layerName);
  const findings: Finding[] = [];
  const obstacle = layerObstacle(config);
  if (status.attached === 'no') {
    findings.push(
      obstacle
        ? finding('problem', 'layer', `the function has no extension: ${obstacle.reason}`, obstacle.wayOut)
        : finding(
            'problem',
            'layer',
            "the function has no layer of LambdaWatch's",
            `lambdawatch attach --function ${name} --endpoint URL`,
          ),
    );
  } else if (status.layer !== undefined) {
    const architecture = architectureOf(config);
    findings.push(
      layerArchitectures !== undefined && !layerArchitectures.includes(architecture)
        ? finding(
            'problem',
            'layer',
            `${status.layer} is for ${layerArchitectures.join(', ')}, and the function is ${architecture}`,
            'attach again',
          )
        : finding('ok', 'layer', `${status.layer}, for ${architecture}`),
    );
  } else if (status.attached === 'image') {
    findings.push(
      finding(
        'unknown',
        'layer',
        "a container image can't be looked into",
        'it needs /opt/extensions/lambdawatch; lambdawatch extract writes it',
      ),
    );
  } else {
    findings.push(
      finding(
        'problem',
        'layer',
        'it was attached, and the layer is gone; a deployment may have taken it away',
        'attach again',
      ),
    );
  }
  if (obstacle && status.attached !== 'no' && status.attached !== 'image')
    findings.push(finding('problem', 'state', obstacle.reason, obstacle.wayOut));
  if (config.Environment?.Error === undefined) {
    const problems = problemsOf(variablesOf(config));
    findings.push(
      ...problems.map(({ variable, text, fatal }) =>
        finding(fatal ? 'problem' : 'warning', 'settings', `${variable}: ${text}`, 'attach again with another value'),
      ),
    );
    if (problems.length === 0) findings.push(finding('ok', 'settings', 'the extension can use all of them'));
    findings.push(finding('ok', 'variables', `${environmentBytes(variablesOf(config))} of 4096 bytes`));
  }
  return findings;
}
