// A small template whose parts a test may replace.
import type { TemplateFiles } from '../../mail/render/template.js';

const money = {
  type: 'object',
  additionalProperties: false,
  required: ['amount', 'currency'],
  properties: { amount: { type: 'string' }, currency: { type: 'string' } },
};

export const sampleSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'total', 'day', 'at', 'rows', 'count'],
  properties: {
    name: { type: 'string' },
    nick: { type: 'string' },
    link: { type: 'string' },
    total: { $ref: '#/$defs/money' },
    day: { type: 'string', format: 'date' },
    at: { type: 'string', format: 'date-time' },
    count: { type: 'integer' },
    rows: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['sku'],
        properties: { sku: { type: 'string' }, note: { type: 'string' } },
      },
    },
    address: {
      type: 'object',
      additionalProperties: false,
      required: ['city'],
      properties: { city: { type: 'string' }, street: { type: 'string' } },
    },
  },
  $defs: { money },
};

export const sampleVariables = {
  name: 'Ada <b>',
  link: 'https://shop.example/?a=1&b=2',
  total: { amount: '1234567.80', currency: 'CHF' },
  day: '2026-03-01',
  at: '2026-03-01T23:30:00Z',
  count: 2,
  rows: [{ sku: 'A', note: 'first' }, { sku: 'B' }],
};

/** The template, with other files or partials in place of its own. */
export function sampleTemplate(
  files: Readonly<Record<string, string>> = {},
  partials: Readonly<Record<string, string>> = {},
): TemplateFiles {
  const manifest = {
    title: 'Sample',
    description: 'For tests.',
    defaultLocale: 'en',
    variables: sampleSchema,
  };
  return {
    name: 'sample',
    files: {
      'template.json': JSON.stringify(manifest, null, 2),
      'sample.json': JSON.stringify(sampleVariables),
      'en/subject.hbs': 'Hello {{name}}',
      'en/body.html.hbs': '<p>{{name}}</p>',
      'en/body.text.hbs': '{{name}}',
      ...files,
    },
    partials,
  };
}

/** The template with this HTML part. */
export const withHtml = (html: string, partials: Readonly<Record<string, string>> = {}): TemplateFiles =>
  sampleTemplate({ 'en/body.html.hbs': html }, partials);
