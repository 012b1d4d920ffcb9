/**
 * Lets the service worker serve this page, so that the next visit needs no network. Where the host sets no headers the page
 * loads once more, before anything is shown: from the service worker it is isolated, and threads work.
 *
 * @param onUpdate a new build is there; `use` loads it
 */
export async function install(onUpdate: (use: () => void) => void): Promise<void> {
  const { serviceWorker } = navigator
  // Not over plain HTTP (but for localhost), nor where storage is blocked: the page works without.
  if (import.meta.env.DEV || !serviceWorker) return
  const registration = await serviceWorker.register('service-worker.js').catch(() => undefined)
  if (!registration) return
  const first = registration.active === null
  if (first) await settled(registration.installing)
  else {
    serviceWorker.addEventListener('controllerchange', () => location.reload())
    const offer = () => {
      const { waiting } = registration
      if (waiting) onUpdate(() => waiting.postMessage('take over'))
    }
    offer()
    registration.addEventListener('updatefound', async () => {
      await settled(registration.installing)
      offer()
    })
  }
  if (serviceWorker.controller && !crossOriginIsolated) await loadOnceMore()
}

/** Installed and active, installed and waiting, or given up. */
function settled(worker: ServiceWorker | null): Promise<void> {
  return new Promise((resolve) => {
    if (!worker) return resolve()
    worker.addEventListener('statechange', () => {
      const waits = worker.state === 'installed' && navigator.serviceWorker.controller !== null
      if (waits || worker.state === 'activated' || worker.state === 'redundant') resolve()
    })
  })
}

async function loadOnceMore(): Promise<void> {
  // In a frame of another page nothing helps.
  if (sessionStorage.getItem('loaded once more')) return
  sessionStorage.setItem('loaded once more', 'yes')
  location.reload()
  await new Promise(() => {})
}
