/** Words that expressions do not take as a field name after a dot. */
const RESERVED = new Set(
  (
    'as break const continue else false for function if import in let loop namespace null package ' +
    'return true var void while'
  ).split(' '),
)

/** One part of a path as an expression writes it: `.userId`, `[0]`, `["first-name"]`. */
export function segmentText(segment: string): string {
  if (/^[A-Za-z_]\w*$/.test(segment) && !RESERVED.has(segment)) return `.${segment}`
  return /^(0|[1-9]\d{0,8})$/.test(segment) ? `[${segment}]` : `[${JSON.stringify(segment)}]`
}

/** `data.items.0.id` as an expression writes it below a variable: `.data.items[0].id`. */
export const pathText = (path: string): string => path.split('.').map(segmentText).join('')
