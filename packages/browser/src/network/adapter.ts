/** What is asked of `navigator.gpu`, which the types of a page lack. */
interface Gpu {
  requestAdapter(options?: { readonly powerPreference?: 'high-performance' }): Promise<{
    readonly info: { readonly vendor: string; readonly architecture: string }
  } | null>
}

/** What the graphics processor is called that WebGPU offers here; undefined where it offers none. */
export async function adapterName(): Promise<string | undefined> {
  const { gpu } = navigator as { readonly gpu?: Gpu }
  try {
    const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' })
    const { vendor, architecture } = adapter?.info ?? {}
    return adapter ? [vendor, architecture].filter(Boolean).join(' ') || 'unnamed' : undefined
  } catch {
    return undefined // where the browser has it but the system does not
  }
}
