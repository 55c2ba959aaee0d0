import { isDeepStrictEqual, types } from 'node:util'

/** The memory an ArrayBuffer or a view shows, copied by nobody yet. */
interface Bytes {
  /** Its class: a key of `makers`. */
  readonly kind: string
  readonly content: Uint8Array
  /** Whether it carries properties besides its elements. */
  readonly extra: boolean
}

/** Undefined unless the value is exactly one of the built-in classes of bytes. */
export function bytesIn(value: object): Bytes | undefined {
  if (types.isArrayBuffer(value)) {
    if (Object.getPrototypeOf(value) !== ArrayBuffer.prototype) return undefined
    const content = new Uint8Array(value)
    return { kind: 'ArrayBuffer', content, extra: Reflect.ownKeys(value).length > 0 }
  }
  if (!ArrayBuffer.isView(value)) return undefined
  const kind = kindOf(value)
  if (kind === undefined) return undefined
  const content = new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  // The only look at extra properties that does not list every index of a large array.
  return { kind, content, extra: !isDeepStrictEqual(value, viewOf(kind, content)) }
}

/** A fresh ArrayBuffer or view with these bytes. Undefined: no such class here, or half an element. */
export function bytesFrom(kind: string, content: Uint8Array): object | undefined {
  const memory = new ArrayBuffer(content.byteLength)
  const copy = new Uint8Array(memory)
  copy.set(content)
  return kind === 'ArrayBuffer' ? memory : viewOf(kind, copy)
}

/** Whether `kind` is the name of a class of bytes, on this runtime or a newer one. */
export const isBytesKind = (kind: string): boolean =>
  kind === 'ArrayBuffer' || kind === 'DataView' || kind === 'Buffer' || /^[A-Z]\w+Array$/.test(kind)

function kindOf(view: ArrayBufferView): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(view)
  if (prototype === Buffer.prototype) return 'Buffer'
  if (prototype === DataView.prototype) return types.isDataView(view) ? 'DataView' : undefined
  const kind = Object.prototype.toString.call(view).slice(8, -1)
  return makerOf(kind)?.prototype === prototype ? kind : undefined
}

function viewOf(kind: string, content: Uint8Array): ArrayBufferView | undefined {
  const { buffer, byteOffset, byteLength } = content
  if (kind === 'Buffer') return Buffer.from(buffer, byteOffset, byteLength)
  if (kind === 'DataView') return new DataView(buffer, byteOffset, byteLength)
  const Maker = makerOf(kind)
  if (Maker === undefined || byteLength % Maker.BYTES_PER_ELEMENT !== 0) return undefined
  return new Maker(buffer, byteOffset, byteLength / Maker.BYTES_PER_ELEMENT)
}

interface ViewMaker {
  readonly BYTES_PER_ELEMENT: number
  readonly prototype: object
  new (buffer: ArrayBufferLike, offset: number, length: number): ArrayBufferView
}

function makerOf(kind: string): ViewMaker | undefined {
  if (!/^[A-Z]\w+Array$/.test(kind)) return undefined
  const maker: unknown = Reflect.get(globalThis, kind)
  return isViewMaker(maker) ? maker : undefined
}

const TypedArray: unknown = Object.getPrototypeOf(Uint8Array)

const isViewMaker = (maker: unknown): maker is ViewMaker =>
  typeof maker === 'function' && Object.getPrototypeOf(maker) === TypedArray
