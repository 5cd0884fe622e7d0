import type { SecretRef } from '../../config/secret-ref';
import type { SecretOutcome } from '../secret-store';
import { AwsError } from './call';

type SecretProblem = Extract<SecretOutcome, { problem: string }>;

/**
 * The reason of a failure for the operator: first what is missing, then AWS's own words. The text continues a sentence
 * after the ARN. (Secrets Manager and Systems Manager API references, "Errors"; AWS KMS developer guide,
 * "Troubleshooting key access".)
 */
export function explain(ref: SecretRef, error: unknown, redact: (text: string) => string): SecretProblem {
  if (!(error instanceof AwsError))
    return lasting(`can't be read: ${error instanceof Error ? error.message : String(error)}`);
  const { code, message, status } = error;
  const words = shorten(redact(message === '' ? code : `${code}: ${message}`));
  if (status === undefined) {
    if (code === 'ETLS' || code === 'EPROXY' || code === 'EINVAL') return lasting(`can't be read: ${message}`);
    const routes = `a function in a VPC needs a NAT gateway, a proxy or a VPC endpoint for ${ref.service}`;
    return passing(`can't be read, because AWS can't be reached: ${message} (${routes})`);
  }
  if (/Throttl|TooManyRequests|LimitExceeded/i.test(code) || status === 429)
    return passing(`can't be read at the moment, AWS is throttling: ${words}`);
  if (status >= 500) return passing(`can't be read at the moment: ${words}`);
  if (isKms(code, message))
    return lasting(`can't be decrypted: the function's role needs kms:Decrypt for the key (${words})`);
  if (/AccessDenied|NotAuthorized|UnauthorizedOperation/i.test(code))
    return lasting(`can't be read: the function's role needs ${ACTIONS[ref.service]} for it (${words})`);
  if (/^(ResourceNotFound|ParameterNotFound|ParameterVersionNotFound)/.test(code))
    return lasting(`does not exist or has no value: ${words}`);
  if (
    /ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|IncompleteSignature|MissingAuthentication/i.test(
      code,
    )
  ) {
    return lasting(`can't be read: AWS does not accept the credentials of the function's role (${words})`);
  }
  return lasting(`can't be read: ${words}`);
}

function lasting(problem: string): SecretProblem {
  return { problem, kind: 'lasting' };
}

function passing(problem: string): SecretProblem {
  return { problem, kind: 'passing' };
}

const ACTIONS = { secretsmanager: 'secretsmanager:GetSecretValue', ssm: 'ssm:GetParameter' } as const;

/** The service was not allowed to decrypt on the function's behalf, which it reports in several ways. */
function isKms(code: string, message: string): boolean {
  if (/^(DecryptionFailure|InvalidKeyId|KMS)/i.test(code)) return true;
  return (
    /AccessDenied/i.test(code) && /kms:Decrypt|access to kms|\bKMS\b|customer master key|ciphertext/i.test(message)
  );
}

function shorten(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
