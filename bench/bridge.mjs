// The cost of one call of an operator through the bridge, beside PyTorch's from Python, on tensors of one
// element: arithmetic, bridge, handle and scope together. node bench/bridge.mjs [operator ...]
import { fileURLToPath } from 'node:url'
import { duel, record, serve, start } from './harness.mjs'

const calls = 1000
const rounds = 9
const limit = 5 // microseconds
const self = fileURLToPath(import.meta.url)
const names = [
  'add',
  'add scalar',
  'add in place',
  'mul with graph',
  'reshape',
  'cat of 4',
  'max of dim',
  'sum',
]

async function worker(name) {
  const { ops, scope, setNumThreads, tensor, torchVersion } = await import('@arcface/libtorch')
  setNumThreads(1)
  const [a, b, w] = [tensor([1]), tensor([1]), tensor([1])]
  w.requiresGrad = true
  const four = [1, 2, 3, 4].map((value) => tensor([value]))
  const call = {
    add: () => ops.add(a, b),
    'add scalar': () => ops.add(a, 2),
    'add in place': () => ops.add_(a, b),
    'mul with graph': () => ops.mul(w, b),
    reshape: () => ops.reshape(a, [1, 1]),
    'cat of 4': () => ops.cat(four),
    'max of dim': () => ops.maxDim(a, 0),
    sum: () => ops.sum(a),
  }[name]
  const body = () => void call()
  await serve({ torch: torchVersion }, () => {
    for (let i = 0; i < calls; i++) scope(body)
  })
}

async function compare(name) {
  const peer = fileURLToPath(new URL('peers/overhead.py', import.meta.url))
  const ours = await start(process.execPath, [self, '--worker', name])
  const python = await start(process.env.PYTHON ?? '/usr/bin/python3', [peer, name])
  const both = [ours, python]
  await duel(both, { rounds: 3, steps: 3 })
  const [mine, theirs] = (await duel(both, { rounds, steps: 3 })).map((s) => (s / calls) * 1e6)
  for (const one of both) one.stop()
  record('bridge', {
    libtorch: ours.hello.torch,
    pytorch: python.hello.torch,
    python: python.hello.python,
    operator: name,
    ours_us: mine.toFixed(2),
    python_us: theirs.toFixed(2),
    ratio: (theirs / mine).toFixed(2),
  })
  return { operator: name, 'ours, us': mine, 'Python, us': theirs, 'within 5 us': mine <= limit }
}

const [flag, name] = process.argv.slice(2)
if (flag === '--worker') await worker(name)
else {
  const wanted = process.argv.slice(2)
  const rows = []
  for (const one of wanted.length > 0 ? wanted : names) rows.push(await compare(one))
  const round = (value) => (typeof value === 'number' ? Number(value.toFixed(2)) : value)
  console.table(
    rows.map((row) => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, round(v)]))),
  )
}
