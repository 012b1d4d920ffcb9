import type { Raw } from './native.js'
import { invoke, type Operator, operator } from './operator.js'
import { Tensor, wrap } from './tensor.js'

/** What `op` takes: a tensor or generator, a number, a name of a dtype or memory format, or lists of these. */
export type OpArgument =
  | Tensor
  | { readonly handle: Raw }
  | number
  | bigint
  | boolean
  | string
  | null
  | undefined
  | readonly OpArgument[]

/** What `op` gives; several results come as an array. */
export type OpResult = Tensor | number | bigint | boolean | string | null | undefined | OpResult[]

const known = new Map<string, Operator>()

function toRaw(value: OpArgument): Raw {
  if (Array.isArray(value)) return value.map(toRaw)
  if (typeof value === 'object' && value !== null) return (value as { handle: Raw }).handle
  return value as Raw
}

function fromRaw(value: Raw): OpResult {
  if (Array.isArray(value)) return value.map(fromRaw)
  return typeof value === 'object' && value !== null ? wrap(value) : value
}

/**
 * Calls any operator by its full name, such as `op('aten::add.Tensor', a, b)`; arguments in the schema's
 * order, `undefined` for a default.
 * @throws TorchError TORCH_UNKNOWN_OPERATOR naming the overloads that exist, TORCH_OPERATOR with the shapes
 */
export function op(name: string, ...args: OpArgument[]): OpResult {
  let called = known.get(name)
  if (!called) {
    called = operator(name)
    known.set(name, called)
  }
  const result = invoke(called, ...args.map(toRaw))
  // An in-place operator gives its first argument's handle again.
  const self = args[0]
  return self instanceof Tensor && self.handle === result ? self : fromRaw(result)
}

/** `op` for the operators that give one tensor. */
export function tensorOp(name: string, ...args: OpArgument[]): Tensor {
  const result = op(name, ...args)
  if (result instanceof Tensor) return result
  throw new TypeError(`${name} does not give one tensor`)
}
