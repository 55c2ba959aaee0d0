/**
 * Run as a program: round trips all hand-picked values and prints a digest of their bytes. With
 * PROBE_GARBAGE, memory comes filled with a mark that must not turn up in any bytes.
 */
import { createHash } from 'node:crypto'
import fc from 'fast-check'

const MARK = 0xa7
const garbage = process.env.PROBE_GARBAGE !== undefined
let handed = 0
if (garbage) {
  for (const name of ['allocUnsafe', 'allocUnsafeSlow'] as const) {
    const allocate = Buffer[name].bind(Buffer)
    Buffer[name] = size => {
      handed += 1
      return allocate(size).fill(MARK)
    }
  }
}

const { encodeValue } = await import('../../journal/codec/encode.ts')
const { decodeValue } = await import('../../journal/codec/decode.ts')
const { anyStorable, handPicked } = await import('./codec-values.ts')
const { portrait } = await import('./codec-portrait.ts')

fc.assert(
  fc.property(
    anyStorable(),
    value => portrait(decodeValue(encodeValue(value))) === portrait(value),
  ),
  { numRuns: 300 },
)

const digest = createHash('sha256')
const values = handPicked()
// Stacks name places in this process.
for (const key of Object.keys(values)) if (/error|abort/.test(key)) delete values[key]

for (const [name, value] of Object.entries({ ...values, all: values })) {
  const bytes = encodeValue(value)
  const decoded = decodeValue(bytes)
  if (portrait(decoded) !== portrait(value)) throw new Error(`${name} came back different`)
  if (Buffer.compare(encodeValue(decoded), bytes) !== 0) throw new Error(`${name} is not canonical`)
  if (garbage && Buffer.from(bytes).includes(Buffer.alloc(3, MARK)))
    throw new Error(`${name} leaks`)
  digest.update(bytes)
}
if (garbage && handed === 0) throw new Error('no memory was handed out, nothing was tested')
process.stdout.write(`${digest.digest('hex')}\n`)
