import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FIXED_LABELS, parseLabels } from '../../../extension/config/labels';

const parse = (given: unknown, mode: 'label' | 'metadata' = 'label'): ReturnType<typeof parseLabels> =>
  parseLabels(typeof given === 'string' ? given : JSON.stringify(given), mode, (text) => Buffer.byteLength(text));

test('takes an object of strings, names and values as they are', () => {
  const given = { env: 'prod', Team_1: 'Ärzte & "Co"', _x: ' padded ', service_name: 'checkout' };
  assert.deepEqual(parse(given), { labels: given, problems: [] });
  assert.deepEqual(parse('{}'), { labels: {}, problems: [] });
});

for (const text of ['{', 'env=prod', "{'env': 'prod'}", '{"env": "prod",}', 'undefined']) {
  test(`uses no label at all of ${text}, which is not JSON`, () => {
    const { labels, problems } = parse(text);
    assert.deepEqual(labels, {});
    assert.deepEqual(problems, ['is not valid JSON; no custom labels are used']);
  });
}

for (const text of ['[]', '["env"]', 'null', '"env"', '5', 'true']) {
  test(`uses no label at all of ${text}, which is no object`, () => {
    const { labels, problems } = parse(text);
    assert.deepEqual(labels, {});
    assert.deepEqual(problems, ['is not a JSON object of strings; no custom labels are used']);
  });
}

const LEFT_OUT: [name: string, value: unknown, why: RegExp][] = [
  ...FIXED_LABELS.map((name): [string, unknown, RegExp] => [name, 'x', /set by the extension itself/]),
  ['request_id', 'x', /set by the extension itself/],
  ['my-label', 'x', /not a label name/],
  ['my.label', 'x', /not a label name/],
  ['1st', 'x', /not a label name/],
  ['', 'x', /not a label name/],
  ['größe', 'x', /not a label name/],
  ['env\n', 'x', /not a label name/],
  ['__name__', 'x', /starts with __/],
  ['n'.repeat(1025), 'x', /longer than 1024/],
  ['count', 5, /type number, not a string/],
  ['on', true, /type boolean/],
  ['none', null, /type null/],
  ['nested', { a: 'b' }, /type object/],
  ['list', ['a'], /type object/],
  ['empty', '', /empty value/],
  ['long', 'ä'.repeat(1025), /longer than 2048 bytes/],
];

for (const [name, value, why] of LEFT_OUT) {
  test(`leaves out ${JSON.stringify(name.slice(0, 20))}: ${JSON.stringify(value).slice(0, 30)} alone and says why`, () => {
    const { labels, problems } = parse({ before: '1', [name]: value, after: '2' });
    assert.deepEqual(labels, { before: '1', after: '2' });
    assert.equal(problems.length, 1);
    assert.match(problems[0], why);
    assert.ok(problems[0].startsWith(`label ${JSON.stringify(name)} `), 'names the label');
    assert.match(problems[0], /it is left out$/);
  });
}

test('a value of exactly 2048 bytes and a name of exactly 1024 pass', () => {
  const given = { ['n'.repeat(1024)]: 'ä'.repeat(1024) };
  assert.deepEqual(parse(given), { labels: given, problems: [] });
});

test('keeps within the 15 labels that Loki allows, its own included; service_name does not count', () => {
  const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`l${i}`, 'x']));
  const asLabel = parse({ service_name: 'checkout', ...many }, 'label');
  assert.deepEqual(Object.keys(asLabel.labels), ['service_name', ...Object.keys(many).slice(0, 10)]);
  assert.deepEqual(asLabel.problems, ['has 2 labels too many, as Loki allows 15 in all; left out: "l10", "l11"']);

  // The request id is no label then, so there is room for one more, and the name is free.
  const asMetadata = parse({ request_id: 'mine', ...many }, 'metadata');
  assert.equal(Object.keys(asMetadata.labels).length, 11);
  assert.equal(asMetadata.labels.request_id, 'mine');
});

test('an unusable label takes no room', () => {
  const many = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`l${i}`, 'x']));
  assert.deepEqual(Object.keys(parse({ 'bad-name': 'x', empty: '', ...many }).labels), Object.keys(many));
});
