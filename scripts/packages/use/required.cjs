// A CommonJS caller: `require` from Node 20.19 and 22.12 on, before that `import()`, as the documentation says.
const [major, minor] = process.versions.node.split('.').map(Number)
const requires = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19)

async function main() {
  const { cosine } = requires ? require('@arcface/vision') : await import('@arcface/vision')
  const { openEmbedder } = requires
    ? require('@arcface/recognize')
    : await import('@arcface/recognize')
  const embedder = await openEmbedder('model.onnx')
  const face = await embedder.embed(new Uint8Array(112 * 112 * 3).fill(9), 1)
  await embedder.close()
  if (Math.abs(cosine(face, face) - 1) > 1e-5) throw new Error('no unit vector')
  console.log('done')
}

main()
