/** Text of SVG elements. */
export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A whole drawing, readable on a light page and on a dark one. */
export function drawing(width: number, height: number, title: string, content: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escape(title)}</title>`,
    '<style>text{font:12px system-ui,sans-serif;fill:#222}.small{font-size:11px}.bold{font-weight:600}</style>',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...content,
    '</svg>\n',
  ].join('\n');
}
