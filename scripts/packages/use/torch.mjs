// Without an addon, or without libtorch, the loader says so in a code and with the command that builds it.
import assert from 'node:assert/strict'

await assert.rejects(import('@arcface/libtorch'), ({ code, hint }) => {
  assert.equal(code, 'TORCH_NOT_BUILT')
  assert.match(hint, /arcface setup train/)
  return true
})
console.log('done')
