import { cameraHandlers } from './camera/handlers.js'
import { galleryHandlers } from './gallery/handlers.js'
import type { Builds } from './network/devices.js'
import { peopleHandlers } from './recognizer/people.js'
import { recognizerHandlers, Session } from './recognizer/service.js'
import { serve } from './rpc/server.js'

/** Makes a worker answer a page. ONNX Runtime starts its threads with the same script: those are left to it. */
export function serveWorker(builds: Builds): void {
  const scope = self as unknown as DedicatedScope
  if (scope.name.startsWith('em-pthread')) return
  const session = new Session(builds)
  serve(scope, {
    ...recognizerHandlers(session),
    ...peopleHandlers(session),
    ...galleryHandlers(() => session.gallery),
    ...cameraHandlers(session),
  })
}

/** What the scope of a dedicated worker has, which the types of a page lack. */
interface DedicatedScope {
  readonly name: string
  postMessage(message: unknown, transfer: Transferable[]): void
  addEventListener(kind: 'message', listener: (event: MessageEvent) => void): void
}
