// Without an addon, or without libtorch, the loader says so in a code and with what builds it.
import assert from 'node:assert/strict'

await assert.rejects(import('@arcface/libtorch'), ({ code, hint }) => {
  assert.equal(code, 'TORCH_NOT_BUILT')
  assert.match(hint, /buildAddon/)
  return true
})
console.log('done')
