import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseMetadata } from '../../../extension/config/metadata-fields';

const fieldsOf = (text: string): string[] => parseMetadata(text).fields.map(({ field, name }) => `${field} → ${name}`);

describe('LOKI_METADATA', () => {
  it('names fields, and what they are called', () => {
    assert.deepEqual(fieldsOf(' level , trace_id,userId:user_id,http.status : status,'), [
      'level → level',
      'trace_id → trace_id',
      'userId → user_id',
      'http.status → status',
    ]);
    assert.deepEqual(parseMetadata(' level , trace_id').problems, []);
  });

  it('has names made into ones that Loki takes', () => {
    assert.deepEqual(fieldsOf('http.status,user-id,9lives,größe'), [
      'http.status → http_status',
      'user-id → user_id',
      '9lives → _9lives',
      'größe → gr__e',
    ]);
  });

  it('leaves out what can not be used, and says why', () => {
    const { fields, problems } = parseMetadata('ok,日本,a:,:b,c:request_id,x:ok,a:b:c');
    assert.deepEqual(
      fields.map(({ field, name }) => [field, name]),
      [
        ['ok', 'ok'],
        ['a:b', 'c'],
      ],
    );
    assert.deepEqual(problems, [
      '"日本" has a name without a letter or digit, which Loki refuses; it is left out',
      '"a:" is not of the form field or field:name; it is left out',
      '":b" is not of the form field or field:name; it is left out',
      '"c:request_id" has the name request_id, which the extension uses itself; it is left out',
      '"x:ok" has the name ok, which another field has; it is left out',
    ]);
  });

  it('has sixteen fields at most', () => {
    const names = Array.from({ length: 18 }, (_, i) => `f${i}`);
    const { fields, problems } = parseMetadata(names.join(','));
    assert.equal(fields.length, 16);
    assert.deepEqual(problems, ['has 2 fields too many, as 16 are allowed; left out: "f16,f17"']);
  });
});
