const { serviceWorker } = navigator

/**
 * Lets the service worker serve this page, so that the next visit needs no network. Where the host sets no headers the page
 * loads once more, before anything is shown: from the service worker it is isolated, and threads work.
 *
 * @param onUpdate a new build is there; `use` loads it
 */
export async function install(onUpdate: (use: () => void) => void): Promise<void> {
  // Not over plain HTTP (but for localhost), nor where storage is blocked: the page works without.
  // Vite's development server has none.
  if (import.meta.hot || !serviceWorker) return
  const controlled = new Promise((resolve) =>
    serviceWorker.addEventListener('controllerchange', resolve, { once: true }),
  )
  const registration = await serviceWorker.register('service-worker.js').catch(() => undefined)
  if (!registration) return
  if (registration.active) offerUpdates(registration, onUpdate)
  else await Promise.race([controlled, reached(registration.installing, 'redundant')])
  if (serviceWorker.controller && !crossOriginIsolated) await loadOnceMore()
}

function offerUpdates(
  registration: ServiceWorkerRegistration,
  onUpdate: (use: () => void) => void,
): void {
  const offer = ({ waiting }: ServiceWorkerRegistration) => {
    if (waiting) onUpdate(() => waiting.postMessage('take over'))
  }
  offer(registration)
  registration.addEventListener('updatefound', async () => {
    await reached(registration.installing, 'installed')
    offer(registration)
  })
  serviceWorker.addEventListener('controllerchange', () => location.reload())
}

function reached(worker: ServiceWorker | null, state: ServiceWorkerState): Promise<void> {
  return new Promise((resolve) => {
    worker?.addEventListener('statechange', () => {
      if (worker.state === state) resolve()
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
