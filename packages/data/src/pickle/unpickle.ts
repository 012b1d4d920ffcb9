import { Cursor } from '@arcface/files'
import { DataError } from '../errors.js'
import { parseFloatLine, parseInteger, parseLong, parseQuoted, parseUnicode } from './text.js'
import {
  type Budget,
  Buildable,
  Global,
  type Globals,
  keyOf,
  Malformed,
  type PickleValue,
  pickleError,
  textOf,
} from './value.js'

export interface UnpickleOptions {
  /** What messages call the data. */
  name: string
  /** The only names that a pickle may use. Nothing else is ever called. */
  globals: Globals
  /** What stands outside of the pickle, by its id; without this, such ids are an error. */
  persistent?: (id: PickleValue) => PickleValue
}

/** Lists, dicts, views and memo entries cost up to some 200 bytes each, for one byte of input. */
const MOST_OBJECTS = 1_000_000
/** Bytes that calls may make beyond the pickle's own number: what small ones share. */
const SLACK = 1 << 20

/**
 * Reads one pickle of protocol 0 to 5 without running anything: a name that is not among `globals` is an error that
 * says it. Bytes are views of `bytes`. At most a million containers, views, elements that calls copy, and memo entries are
 * made, calls make no more bytes than the pickle has, and nothing is made that a length field only announces.
 *
 * Opcodes: CPython, Lib/pickletools.py.
 *
 * @returns the value, and the position behind the pickle
 * @throws DataError DATA_PICKLE, DATA_PICKLE_CODE
 */
export function unpickle(
  bytes: Buffer,
  options: UnpickleOptions,
  start = 0,
): { value: PickleValue; end: number } {
  const machine = new Machine(bytes, options)
  machine.cursor.position = start
  try {
    return { value: machine.run(), end: machine.cursor.position }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    throw pickleError(options.name, `${error.message} (byte ${machine.cursor.position})`)
  }
}

class Machine implements Budget {
  readonly cursor: Cursor
  readonly #options: UnpickleOptions
  readonly #stack: PickleValue[] = []
  readonly #marks: number[] = []
  readonly #memo = new Map<number, PickleValue>()
  #objects = 0
  #copied = 0

  constructor(bytes: Buffer, options: UnpickleOptions) {
    this.cursor = new Cursor(bytes, (why) => new Malformed(why))
    this.#options = options
  }

  run(): PickleValue {
    for (;;) {
      const opcode = String.fromCharCode(this.cursor.u8())
      if (opcode === '.') return this.#pop()
      if (!this.#constant(opcode) && !this.#structure(opcode)) this.#refuse(opcode)
      if (this.#stack.length + this.#marks.length > 2 * MOST_OBJECTS)
        throw new Malformed('its stack grows beyond all use')
    }
  }

  /** Opcodes that push a value of their own. */
  #constant(opcode: string): boolean {
    const { cursor } = this
    switch (opcode) {
      case 'N':
        return this.#push(null)
      case '\x88':
        return this.#push(true)
      case '\x89':
        return this.#push(false)
      case 'K':
        return this.#push(cursor.u8())
      case 'M':
        return this.#push(cursor.u16())
      case 'J':
        return this.#push(cursor.i32())
      case '\x8a':
        return this.#push(parseLong(cursor.take(cursor.u8())))
      case '\x8b':
        return this.#push(parseLong(cursor.take(cursor.i32())))
      case 'G':
        return this.#push(cursor.take(8).readDoubleBE())
      case 'I': {
        const line = this.#line()
        return this.#push(line === '00' ? false : line === '01' ? true : parseInteger(line))
      }
      case 'L':
        return this.#push(parseInteger(this.#line()))
      case 'F':
        return this.#push(parseFloatLine(this.#line()))
      case 'S':
        return this.#push(this.#made(parseQuoted(this.#line())))
      case 'V':
        return this.#push(parseUnicode(this.#line()))
      case 'X':
        return this.#push(cursor.take(cursor.u32()).toString('utf8'))
      case '\x8c':
        return this.#push(cursor.take(cursor.u8()).toString('utf8'))
      case '\x8d':
        return this.#push(cursor.take(cursor.u64()).toString('utf8'))
      case 'B':
        return this.#push(this.#made(cursor.take(cursor.u32())))
      case 'T':
        return this.#push(this.#made(cursor.take(cursor.i32())))
      case 'C':
      case 'U':
        return this.#push(this.#made(cursor.take(cursor.u8())))
      case '\x8e':
      case '\x96':
        return this.#push(this.#made(cursor.take(cursor.u64())))
      default:
        return false
    }
  }

  /** Opcodes that work on the stack, on the memo, or with names. */
  #structure(opcode: string): boolean {
    const { cursor } = this
    const stack = this.#stack
    switch (opcode) {
      case '\x80':
        if (cursor.u8() > 5) throw new Malformed('its protocol is newer than 5')
        return true
      case '\x95':
        if (cursor.u64() > cursor.left) throw new Malformed('a frame is longer than the file')
        return true
      case '(':
        this.#marks.push(stack.length)
        return true
      case '0':
        if (stack.length === this.#marks.at(-1)) this.#marks.pop()
        else this.#pop()
        return true
      case '1':
        this.#popMark()
        return true
      case '2':
        return this.#push(this.#top())
      case ']':
      case ')':
        return this.#push(this.#made([]))
      case '}':
        return this.#push(this.#made(new Map()))
      case 'l':
      case 't':
        return this.#push(this.#made(this.#popMark()))
      case 'd':
        return this.#push(this.#setItems(this.#made(new Map()), this.#popMark()))
      case '\x85':
        return this.#push(this.#made([this.#pop()]))
      case '\x86':
      case '\x87': {
        const last = this.#pop()
        const middle = this.#pop()
        return this.#push(
          this.#made(opcode === '\x86' ? [middle, last] : [this.#pop(), middle, last]),
        )
      }
      case 'a':
        return this.#append([this.#pop()])
      case 'e':
        return this.#append(this.#popMark())
      case 's': {
        const value = this.#pop()
        const key = this.#pop()
        this.#setItems(this.#top(), [key, value])
        return true
      }
      case 'u': {
        const items = this.#popMark()
        this.#setItems(this.#top(), items)
        return true
      }
      case 'p':
        return this.#put(Number(parseInteger(this.#line())))
      case 'q':
        return this.#put(cursor.u8())
      case 'r':
        return this.#put(cursor.u32())
      case '\x94':
        return this.#put(this.#memo.size)
      case 'g':
        return this.#get(Number(parseInteger(this.#line())))
      case 'h':
        return this.#get(cursor.u8())
      case 'j':
        return this.#get(cursor.u32())
      case 'c':
        return this.#push(this.#global(this.#line(), this.#line()))
      case '\x93': {
        const name = this.#pop()
        return this.#push(this.#global(this.#pop(), name))
      }
      case 'R': {
        const args = this.#pop()
        const callable = this.#pop()
        if (!(callable instanceof Global) || !Array.isArray(args))
          throw new Malformed('something is called that is no function')
        return this.#push(this.#made(callable.call(args, this)))
      }
      case 'b':
        return this.#build(this.#pop())
      case 'P':
        return this.#push(this.#persistent(this.#line()))
      case 'Q':
        return this.#push(this.#persistent(this.#pop()))
      default:
        return false
    }
  }

  #push(value: PickleValue): true {
    this.#stack.push(value)
    return true
  }

  #pop(): PickleValue {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw new Malformed('its stack is empty')
    return this.#stack.pop()
  }

  #top(): PickleValue {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw new Malformed('its stack is empty')
    return this.#stack.at(-1)
  }

  #popMark(): PickleValue[] {
    const mark = this.#marks.pop()
    if (mark === undefined) throw new Malformed('a mark is missing')
    return this.#stack.splice(mark)
  }

  #made<T>(value: T): T {
    this.elements(1)
    return value
  }

  elements(count: number): void {
    this.#objects += count
    if (this.#objects > MOST_OBJECTS)
      throw new Malformed(`it makes more than ${MOST_OBJECTS} objects`)
  }

  bytes(count: number): void {
    this.#copied += count
    if (this.#copied > this.cursor.bytes.length + SLACK)
      throw new Malformed('it makes more bytes than it has, of the same text again and again')
  }

  #line(): string {
    const { bytes, position } = this.cursor
    const end = bytes.indexOf(10, position)
    if (end < 0) throw new Malformed('a line has no end')
    this.cursor.position = end + 1
    return bytes.toString('latin1', position, end)
  }

  #append(items: PickleValue[]): true {
    const list = this.#top()
    if (!Array.isArray(list)) throw new Malformed('something is appended to what is no list')
    for (const item of items) list.push(item)
    return true
  }

  #setItems(map: PickleValue, items: PickleValue[]): PickleValue {
    if (!(map instanceof Map) || items.length % 2 !== 0)
      throw new Malformed('an item is set in what is no dict')
    for (let i = 0; i < items.length; i += 2) {
      map.set(keyOf(items[i], this), items[i + 1])
    }
    return map
  }

  #put(index: number): true {
    if (this.#memo.size >= MOST_OBJECTS)
      throw new Malformed(`it remembers more than ${MOST_OBJECTS} objects`)
    this.#memo.set(index, this.#top())
    return true
  }

  #get(index: number): true {
    if (!this.#memo.has(index)) throw new Malformed(`it refers to the unknown object ${index}`)
    return this.#push(this.#memo.get(index))
  }

  #build(state: PickleValue): true {
    const target = this.#top()
    if (target instanceof Buildable) target.build(state, this)
    // Attributes of a dict, as state dicts of PyTorch have: no data.
    else if (!(target instanceof Map)) throw new Malformed('an object of no known kind has a state')
    return true
  }

  #global(module: PickleValue, name: PickleValue): Global {
    const path = `${textOf(module)}.${textOf(name)}`
    const found = this.#options.globals.get(path)
    if (found !== undefined) return found
    const shown = path.slice(0, 160)
    throw new DataError(
      'DATA_PICKLE_CODE',
      `${this.#options.name} wants to run ${shown}, which is not among the few names that data needs. ` +
        'Nothing was run. Do not open this file with Python either, unless you trust who wrote it.',
    )
  }

  #persistent(id: PickleValue): PickleValue {
    const { persistent } = this.#options
    if (persistent === undefined) throw new Malformed('it refers to data outside of it')
    return this.#made(persistent(id))
  }

  #refuse(opcode: string): never {
    const code = opcode.charCodeAt(0)
    const known: Record<string, string> = {
      i: 'INST',
      o: 'OBJ',
      '\x81': 'NEWOBJ',
      '\x92': 'NEWOBJ_EX',
      '\x82': 'EXT1',
      '\x83': 'EXT2',
      '\x84': 'EXT4',
      '\x8f': 'EMPTY_SET',
      '\x90': 'ADDITEMS',
      '\x91': 'FROZENSET',
      '\x97': 'NEXT_BUFFER',
      '\x98': 'READONLY_BUFFER',
    }
    const name = known[opcode]
    throw new Malformed(
      name === undefined
        ? `0x${code.toString(16)} is no opcode`
        : `opcode ${name} makes what plain data does not hold`,
    )
  }
}
