import { readModel } from '@arcface/data/onnx'
import { getMetadata, type ModelProto } from '@arcface/onnx'

/** What a network file says besides its weights, and which of these look like a head. */
export interface OnnxTexts {
  /** Metadata, remarks and names of nodes, one text. */
  readonly text: string
  /** Weights [classes, dim] or [dim, classes] that are called as a head is: names and shapes. */
  readonly heads: readonly string[]
}

/** How heads and their centres are called in what others publish. */
const HEAD =
  /(?:^|[^a-z])(?:head|cent(?:er|re)s?|classifier|class_?weights?|prototypes?|fc7|logits?|margin|arc_?face|cos_?face)(?:[^a-z]|$)/i
/** Fewer rows are no people. */
const FEW = 2

/** @throws OnnxError ONNX_UNREADABLE, ONNX_NOT_A_MODEL */
export async function textsOfOnnx(path: string): Promise<OnnxTexts> {
  const model = await readModel(path)
  const { graph } = model
  const said = [
    ...Object.entries(getMetadata(model)).map(([key, value]) => `${key}=${value}`),
    ...[model.docString, model.domain, model.producerName, graph?.docString, graph?.name],
    ...[...(graph?.node ?? []), ...(graph?.initializer ?? [])].flatMap(({ name, docString }) => [
      isScope(model, name) ? undefined : name,
      docString,
    ]),
  ]
  return {
    text: said.filter(Boolean).join('\n'),
    heads: headsOf(model),
  }
}

/** PyTorch calls what it exports by modules and operator (`/conv1/conv1.0/Conv_1`): no path of a machine. */
function isScope({ graph }: ModelProto, name: string | undefined): boolean {
  const operator = /^(?:\/[\w.-]+)+\/([A-Z][A-Za-z]*)(?:_\w+)?$/.exec(name ?? '')?.[1]
  if (operator === undefined) return false
  // Who quantises makes ConvInteger of Conv, and constants become weights.
  return operator === 'Constant' || graph!.node.some(({ opType }) => opType.startsWith(operator))
}

function headsOf({ graph }: ModelProto): string[] {
  return (graph?.initializer ?? []).flatMap(({ name, dims }) => {
    const shape = dims.map(Number)
    const isTable = shape.length === 2 && Math.min(...shape) >= FEW
    return isTable && HEAD.test(name) ? [`${name} [${shape.join(', ')}]`] : []
  })
}
