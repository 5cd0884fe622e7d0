import { quote } from './reader';

/** Where a credential is stored: a secret of AWS Secrets Manager, or a parameter of AWS Systems Manager. */
export interface SecretRef {
  /** The variable that names it, for messages. */
  readonly variable: string;
  /** The ARN without the field. */
  readonly arn: string;
  readonly service: 'secretsmanager' | 'ssm';
  readonly partition: string;
  readonly region: string;
  /** The member of the secret's JSON object; without it, the whole secret is the credential. */
  readonly field?: string;
}

/** One of the two. */
export interface ParsedSecretRef {
  readonly ref?: SecretRef;
  readonly problem?: string;
}

/** ARNs are long. */
const LONGEST_SHOWN = 200;

const ARN = /^arn:(aws[a-z-]*):(secretsmanager|ssm):([a-z0-9-]+):(\d{12}):(.+)$/;
const RESOURCES = { secretsmanager: /^secret:[\w/+=.@-]+$/, ssm: /^parameter\/[\w./-]+(?::[\w.-]+)?$/ } as const;

/** Reads an ARN, with `#field` or without. An ARN isn't a secret, so a problem may show it. */
export function parseSecretRef(variable: string, text: string): ParsedSecretRef {
  const hash = text.indexOf('#');
  const [arn, field] = hash < 0 ? [text, undefined] : [text.slice(0, hash), text.slice(hash + 1)];
  const [, partition, service, region, , resource] = ARN.exec(arn) ?? [];
  if (resource === undefined) {
    return {
      problem: text.startsWith('arn:')
        ? `${quote(text, LONGEST_SHOWN)} is not the ARN of a secret of Secrets Manager or of a parameter of ` +
          'Systems Manager'
        : // The value may be the secret itself, by mistake.
          'is not an ARN (arn:aws:secretsmanager:… or arn:aws:ssm:…)',
    };
  }
  const known = service as SecretRef['service'];
  if (!RESOURCES[known].test(resource)) {
    const expected =
      known === 'ssm' ? 'parameter/<name>' : 'secret:<name>, and a member of a JSON secret is named by #<field>';
    return { problem: `${quote(arn, LONGEST_SHOWN)} does not end in ${expected}` };
  }
  if (field === '') return { problem: `${quote(text, LONGEST_SHOWN)} has no field after #` };
  return { ref: { variable, arn, service: known, partition, region, ...(field === undefined ? {} : { field }) } };
}
