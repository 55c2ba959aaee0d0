import fc from 'fast-check'

/** Storable values of every kind the generators below do not reach, by name. */
export function handPicked(): Record<string, unknown> {
  const shared = { n: 1 }
  const cycle: Record<string, unknown> = { name: 'cycle' }
  cycle.self = [cycle, new Map([[cycle, cycle]]), new Set([cycle])]
  const sparse: unknown[] = []
  sparse[3] = 'three'
  sparse.length = 6
  const typed = new TypeError('bad', { cause: { deep: [undefined] } })
  const looping = new Error('loop')
  looping.cause = looping
  const regexp = /a\/b\n?/dgimsy
  regexp.lastIndex = 3
  return {
    undefined: undefined,
    'an undefined property': { a: undefined, b: [undefined] },
    numbers: [0, -0, 1, -1, 127, 128, -32, -33, 255, 256, 65535, 65536, 2 ** 31, -(2 ** 31)],
    'large numbers': [2 ** 32 - 1, 2 ** 32, -(2 ** 31) - 1, 2 ** 53, 2 ** 53 + 2, 2 ** 63, 2 ** 64],
    'more numbers': [1e21, 1e300, 5e-324, 0.1, Number.MAX_VALUE, Number.NaN, Infinity, -Infinity],
    'negative zero': -0,
    bigints: [0n, 1n, -1n, 2n ** 63n, -(2n ** 63n), 2n ** 64n, -(2n ** 4000n) + 7n],
    strings: ['', 'a', 'é', '€', '😀', 'x'.repeat(31), 'x'.repeat(32), 'é'.repeat(300), '\ufffd'],
    'lone surrogates': ['\ud800', 'a\udc00b', `${'x'.repeat(100)}\ud83d`, { '\udfff': 1 }],
    'byte order marks': ['\ufeff', `\ufeff${'x'.repeat(100)}`, { [`\ufeff${'k'.repeat(80)}`]: 1 }],
    'korean and full width': { 한국어: '퟿ﾀ', list: ['ퟻ'.repeat(50)] },
    'tag look-alikes': [{ $: 1 }, { $: [] }, { $: 'undefined' }, { $: { $: 1 } }, { $: 1, b: 2 }],
    'tags next to look-alikes': { $: { $: ['date', new Date(0)] }, u: undefined },
    'own __proto__': JSON.parse('{"a": {"__proto__": {"polluted": 1}}, "constructor": null}'),
    'names of Object': { toJSON: 1, constructor: { name: 'x' }, hasOwnProperty: 'no', length: 3 },
    'no prototype': Object.assign(Object.create(null), { b: 1, a: Object.create(null) }),
    'index keys': { 10: 'a', 2: 'b', x: 'c', '-1': 'd', 4294967295: 'e' },
    sparse,
    'a match': /(?<first>a)(b)?/.exec('xa'),
    'a named array': Object.assign([1, 2], { extra: true, __proto__x: 0 }),
    'empty things': [[], {}, '', new Map(), new Set(), new Uint8Array(), Buffer.alloc(0)],
    dates: [new Date(0), new Date(-1), new Date(8.64e15), new Date(Number.NaN)],
    maps: new Map<unknown, unknown>([
      [{ k: 1 }, new Map([[Number.NaN, -0]])],
      ['s', undefined],
    ]),
    sets: new Set<unknown>([1, '1', new Set([new Date(5)]), null, undefined]),
    regexps: [/x/u, regexpOf('[a&&b]', 'v'), /(?:)/, regexp, /\ud800/],
    urls: [new URL('https://user:pw@example.org:8080/a%20b?q=1#h'), new URL('data:,x')],
    bytes: [
      new Uint8Array([1, 2]),
      Buffer.from('buffer'),
      new ArrayBuffer(3),
      new Uint8Array(70000),
    ],
    views: [
      new Int8Array([-1]),
      new Uint8ClampedArray([300]),
      new Int16Array([-2]),
      new Uint16Array([65535]),
      new Int32Array([-3]),
      new Uint32Array([4294967295]),
      new Float32Array([1.5, Number.NaN, -0]),
      new Float64Array([1e300, Number.NaN, -0]),
      new BigInt64Array([-(2n ** 63n)]),
      new BigUint64Array([2n ** 64n - 1n]),
      new DataView(Uint8Array.of(9, 8, 7).buffer, 1, 2),
      new Uint16Array(Uint16Array.of(1, 2, 3, 4).buffer, 2, 2),
    ],
    'shared references': [shared, { again: shared }, [shared]],
    cycle,
    'deep sharing': Array.from({ length: 40 }, (_, at) => (at % 3 === 0 ? shared : { at })),
    errors: [
      typed,
      looping,
      new AggregateError([typed, 'x'], 'many'),
      new RangeError(),
      new URIError(''),
    ],
    'an error with fields': Object.assign(new Error('E'), {
      code: 'E_X',
      name: 'Odd',
      when: new Date(1),
    }),
    'errors without parts': [withoutStack(new SyntaxError('s')), withoutStack(new EvalError())],
    'an abort': new DOMException('stop', 'AbortError'),
  }
}

function withoutStack(error: Error): Error {
  delete error.stack
  return error
}

/** Values made of everything storable, shared references and cycles included. */
export const anyStorable = (): fc.Arbitrary<unknown> =>
  fc.oneof(anything(), withOurKinds(), shared())

const anything = (): fc.Arbitrary<unknown> =>
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withNullPrototype: true,
    withObjectString: true,
    withSparseArray: true,
    withTypedArray: true,
    withUnicodeString: true,
    key: anyText(),
    maxDepth: 5,
  })

/** Strings cut anywhere, so that lone surrogates and byte order marks come up. */
const anyText = (): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.string() },
    fc.string({
      unit: fc.integer({ min: 0xd780, max: 0xe080 }).map(code => String.fromCharCode(code)),
    }),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom('$', '__proto__', 'constructor', 'toJSON', '\ufeff', '\ufeffx', '', '0', '-0'),
  )

const leaf = (): fc.Arbitrary<unknown> =>
  fc.oneof(
    anyText(),
    fc.double(),
    fc.integer(),
    fc.bigInt(),
    fc.constantFrom(undefined, null, true, -0, Number.NaN),
    fc.date({ noInvalidDate: false }),
    fc.webUrl().map(href => new URL(href)),
    fc.uint8Array().map(bytes => Buffer.from(bytes)),
    fc.uint8Array().map(bytes => new DataView(bytes.slice().buffer)),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(n => BigUint64Array.of(n)),
    fc
      .constantFrom('g', 'iu', 'dsy', 'v')
      .chain(flags => anyText().map(text => regexpOf(text, flags))),
  )

const withOurKinds = (): fc.Arbitrary<unknown> =>
  fc.letrec<{ node: unknown; object: object }>(tie => ({
    node: fc.oneof({ maxDepth: 4, withCrossShrink: true }, leaf(), tie('object')),
    object: fc.oneof(
      fc.array(tie('node'), { maxLength: 5 }),
      fc.sparseArray(tie('node'), { maxLength: 5, maxNumElements: 3 }),
      fc.dictionary(anyText(), tie('node'), { maxKeys: 5 }),
      fc.tuple(anyText(), tie('node')).map(([key, node]) => ({ [key]: node })),
      fc.array(fc.tuple(tie('node'), tie('node')), { maxLength: 4 }).map(pairs => new Map(pairs)),
      fc.array(tie('node'), { maxLength: 4 }).map(items => new Set(items)),
      fc
        .tuple(
          fc.constantFrom(Error, TypeError, RangeError),
          anyText(),
          tie('node'),
          fc.dictionary(anyText(), tie('node')),
        )
        .map(([Class, message, cause, fields]) =>
          withFields(new Class(message, { cause }), fields),
        ),
      fc.array(tie('node'), { maxLength: 3 }).map(errors => new AggregateError(errors, 'all')),
    ),
  })).node

/** Graphs: objects whose properties are drawn from all objects of the graph. */
const shared = (): fc.Arbitrary<unknown> =>
  fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 20 }).map(edges => {
    const nodes: (Record<string, unknown> | Map<unknown, unknown> | unknown[])[] = edges.map(
      (_, at) => (at % 3 === 0 ? {} : at % 3 === 1 ? [] : new Map()),
    )
    for (const [from, targets] of edges.entries()) {
      const node = nodes[from]!
      for (const target of targets) {
        const to = nodes[target % nodes.length]
        if (Array.isArray(node)) node.push(to)
        else if (node instanceof Map) node.set(node.size % 2 === 0 ? to : target, to)
        else node[`k${target}`] = to
      }
    }
    return nodes[0]
  })

function regexpOf(text: string, flags: string): RegExp {
  try {
    return new RegExp(text, flags)
  } catch {
    return new RegExp('fallback', flags)
  }
}

function withFields(error: Error, fields: Record<string, unknown>): Error {
  for (const [key, value] of Object.entries(fields)) {
    Object.defineProperty(error, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    })
  }
  return error
}
