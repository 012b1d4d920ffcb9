import { InputFile, ZipArchive } from '@arcface/files'
import { DataError } from '../errors.js'
import { unpickle } from '../pickle/unpickle.js'
import { Malformed, type PickleValue, textOf } from '../pickle/value.js'
import { Storages, TensorRef, torchGlobals } from './storage.js'
import { refuseOther, type Weights, weightsError } from './tensor.js'

/**
 * Reads a state dict that `torch.save` wrote: `.pth` or `.pt`, the zip form of PyTorch 1.6 and later or the older one.
 * No code in it is run. Of a checkpoint, which holds more than weights, the tensors of `state_dict` are taken, of
 * `state_dict_backbone` (arcface_torch's), or of the one dict that has tensors directly in it.
 *
 * @throws FilesError FILES_READ; DataError DATA_PICKLE, DATA_PICKLE_CODE, DATA_WEIGHTS
 */
export function readTorch(path: string): Weights {
  refuseOther(path)
  using file = new InputFile(path)
  const storages = new Storages(file.size)
  try {
    const isZip = file.read(0, 4).toString('latin1') === 'PK\x03\x04'
    const value = isZip ? readZip(file, storages) : readOlder(file, storages)
    return toWeights(path, value, file.size)
  } catch (error) {
    if (error instanceof Malformed) throw weightsError(path, error.message, error)
    throw error
  }
}

/** `NAME/data.pkl`, and the storages as `NAME/data/KEY`; torch.save compresses nothing. */
function readZip(file: InputFile, storages: Storages): PickleValue {
  const archive = new ZipArchive(file, (why, cause) => weightsError(file.path, why, cause))
  const [root] = archive.names.flatMap((name) => /^([^/]*\/)data\.pkl$/.exec(name)?.[1] ?? [])
  if (root === undefined) throw new Malformed('the archive has no data.pkl')
  if (archive.has(`${root}constants.pkl`))
    throw new DataError(
      'DATA_WEIGHTS',
      `${file.path} is a program of TorchScript (torch.jit.save), which holds code beside its weights. Where it is from, write the weights alone: torch.save(torch.jit.load(file).state_dict(), "weights.pth").`,
    )
  if (
    archive.has(`${root}byteorder`) &&
    String(archive.readStored(`${root}byteorder`)) !== 'little'
  )
    throw new Malformed('its byte order is big')
  const { value } = unpickle(archive.readStored(`${root}data.pkl`), {
    name: file.path,
    globals: torchGlobals,
    persistent: storages.find,
  })
  for (const [key, storage] of storages.all) storage.fill(archive.readStored(`${root}data/${key}`))
  return value
}

const MAGIC = 0x1950a86a20f9469cfc6cn

/** Five pickles (magic, version, system, value, keys of storages), then each storage: its length, its bytes. */
function readOlder(file: InputFile, storages: Storages): PickleValue {
  const bytes = file.read(0, file.size)
  let position = 0
  const next = () => {
    const found = unpickle(
      bytes,
      { name: file.path, globals: torchGlobals, persistent: storages.find },
      position,
    )
    position = found.end
    return found.value
  }
  if (next() !== MAGIC) throw new Malformed('it does not begin as a file of torch.save')
  if (next() !== 1001) throw new Malformed('it has an unknown version')
  const system = next()
  if (system instanceof Map && system.get('little_endian') === false)
    throw new Malformed('its byte order is big')
  const value = next()
  const keys = next()
  if (!Array.isArray(keys)) throw new Malformed('it has no list of storages')
  for (const key of keys) {
    const storage = storages.all.get(textOf(key))
    if (storage === undefined) throw new Malformed('it has a storage that nothing uses')
    if (bytes.length - position < 8) throw new Malformed('it ends before its storages do')
    const count = Number(bytes.readBigInt64LE(position))
    if (count !== storage.length)
      throw new Malformed(`storage ${textOf(key)} has ${count} elements, not ${storage.length}`)
    const end = position + 8 + storage.bytesWanted
    storage.fill(bytes.subarray(position + 8, end))
    position = end
  }
  return value
}

/** Names of the dict of weights, what comes first first; the file itself has none. */
const preferred = ['', 'state_dict', 'state_dict_backbone']

/** The dict of tensors in what a file holds. */
function toWeights(path: string, value: PickleValue, size: number): Weights {
  const dicts = dictsOfTensors(value)
  const [first] = dicts
  const chosen =
    preferred.map((wanted) => dicts.find(({ name }) => name === wanted)).find(Boolean) ??
    (dicts.length === 1 ? first : undefined)
  if (chosen === undefined)
    throw weightsError(
      path,
      dicts.length === 0
        ? 'it holds no dict of tensors'
        : `it holds several dicts of tensors (${dicts.map(({ name }) => name).join(', ')}) and none is called ${preferred.slice(1).join(' or ')}`,
    )
  const weights: Weights = new Map()
  let bytes = 0
  for (const [name, tensor] of chosen.dict) {
    if (!(tensor instanceof TensorRef)) continue
    if (typeof name !== 'string')
      throw weightsError(path, `a tensor is called ${name}, which is no text`)
    bytes += tensor.bytesWanted
    // Tied weights are copied; a file made of them only would grow without end.
    if (bytes > 4 * size) throw weightsError(path, 'its tensors share their values too often')
    weights.set(name, tensor.read())
  }
  return weights
}

/** The value itself and the dicts in it, and what they are called, if they have tensors directly in them. */
function dictsOfTensors(value: PickleValue): { name: string; dict: Map<unknown, unknown> }[] {
  if (!(value instanceof Map)) return []
  return [['', value] as const, ...value]
    .filter(
      (entry): entry is [unknown, Map<unknown, unknown>] =>
        entry[1] instanceof Map &&
        [...entry[1].values()].some((tensor) => tensor instanceof TensorRef),
    )
    .map(([name, dict]) => ({ name: String(name), dict }))
}
