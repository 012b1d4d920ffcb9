// The page that embeds aligned faces, of the files that @arcface/browser is made of.

/** @param embedder an ONNX file of the site in place of the pack's */
export async function openAligned(browser, site, embedder) {
  const page = await browser.newPage()
  page.on('pageerror', (error) => console.error(error))
  await page.goto(`${site.url}aligned/`)
  await page.waitForFunction('globalThis.bench')
  await page.evaluate((embedder) => bench.open(embedder), embedder)
  return page
}

/** @param text base64 of float32, as the page gives it */
export function embeddingOf(text) {
  const { buffer, byteOffset, length } = Buffer.from(text, 'base64')
  return new Float32Array(buffer.slice(byteOffset, byteOffset + length))
}
