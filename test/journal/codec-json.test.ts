import { describe, expect, it } from 'vitest'
import { fromTaggedJson, toTaggedJson } from '../../journal/codec/json.ts'
import { portrait } from './codec-portrait.ts'

const twice = { n: 1 }
const cycle: unknown[] = []
cycle.push(cycle)

/** The laws of the rendering are tested with those of the codec; these are its looks. */
describe('tagged JSON', () => {
  it.each<[unknown, string]>([
    [{ a: [1, 'x', null, true] }, '{"a":[1,"x",null,true]}'],
    [undefined, '{"$":"undefined"}'],
    [
      [Number.NaN, -0, Infinity, -Infinity],
      '[{"$":"NaN"},{"$":"-0"},{"$":"Infinity"},{"$":"-Infinity"}]',
    ],
    [-255n, '{"$":["bigint","-ff"]}'],
    [new Date(0), '{"$":["date","1970-01-01T00:00:00.000Z"]}'],
    [new Date(Number.NaN), '{"$":["date","invalid"]}'],
    [new Map([[1, { k: undefined }]]), '{"$":["map",1,{"k":{"$":"undefined"}}]}'],
    [new Set(['x']), '{"$":["set","x"]}'],
    [/a"/gi, '{"$":["regexp","a\\"","gi",0]}'],
    [new URL('http://h/p'), '{"$":["url","http://h/p"]}'],
    [Buffer.from('hi'), '{"$":["Buffer","aGk="]}'],
    [Uint16Array.of(1), '{"$":["Uint16Array","AQA="]}'],
    ['\ud800', '"\\ud800"'],
    [{ '\ud800': 1 }, '{"$":["object","\\ud800",1]}'],
    [Object.create(null), '{"$":["null"]}'],
    // biome-ignore lint/suspicious/noSparseArray: holes are the point
    [[1, , 2], '{"$":["array",3,0,1,2,2]}'],
    [[twice, twice], '[{"n":1},{"$":1}]'],
    [cycle, '[{"$":0}]'],
    [{ $: 1 }, '{"$":["object","$",1]}'],
    [{ $: 1, a: 2 }, '{"$":1,"a":2}'],
    [JSON.parse('{"__proto__":1}'), '{"$":["object","__proto__",1]}'],
    [stackless(new TypeError('m')), '{"$":["error","TypeError",1,"message","m"]}'],
    [
      Object.assign(stackless(new Error('m', { cause: 1 })), { code: 'E' }),
      '{"$":["error","Error",2,"message","m","cause",1,"code","E"]}',
    ],
  ])('of %# looks as it should', (value, text) => {
    expect(JSON.stringify(toTaggedJson(value))).toBe(text)
    expect(portrait(fromTaggedJson(JSON.parse(text)))).toBe(portrait(value))
  })

  it('leaves its argument alone', () => {
    const json = JSON.parse('{"a":{"$":["map",{"b":{"$":"undefined"}},1]}}')
    const text = JSON.stringify(json)
    const first = fromTaggedJson(json)
    expect(JSON.stringify(json)).toBe(text)
    expect(portrait(fromTaggedJson(json))).toBe(portrait(first))
  })
})

function stackless(error: Error): Error {
  delete error.stack
  return error
}
