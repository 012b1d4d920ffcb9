import { createElement, type ReactElement, type Ref } from 'react'
import type { FaceCameraOptions } from './camera/camera.js'
import type { CameraEvents } from './camera/events.js'
import type { ArcfaceCamera, CameraTexts } from './element.js'
import './element.js'
import type { Recognizer } from './recognizer/recognizer.js'

type Listeners = {
  readonly [K in keyof CameraEvents as `on${Capitalize<K>}`]?: (
    detail: CameraEvents[K]['detail'],
  ) => void
}

export interface FaceCameraProps extends Listeners {
  /** A pack's address; or `recognizer`. */
  readonly models?: string | undefined
  readonly recognizer?: Recognizer | undefined
  readonly wasmPaths?: string | undefined
  readonly identify?: boolean | undefined
  readonly facingMode?: 'user' | 'environment' | undefined
  readonly deviceId?: string | undefined
  /** It starts by its button. */
  readonly manual?: boolean | undefined
  /** The same object as long as it says the same: with another one the camera starts anew. */
  readonly options?: FaceCameraOptions | undefined
  readonly texts?: Partial<CameraTexts> | undefined
  readonly className?: string | undefined
  /** The element, which has `start`, `stop` and `capture`. */
  readonly ref?: Ref<ArcfaceCamera> | undefined
}

const ATTRIBUTES = {
  wasmPaths: 'wasm-paths',
  facingMode: 'facing-mode',
  deviceId: 'device-id',
  className: 'class',
}

/** `<arcface-camera>` for React 19: its attributes and properties, and `onFrame`, `onIdentified` ... with what they tell. */
export function FaceCameraView(props: FaceCameraProps): ReactElement {
  const given = Object.entries(props).map(([name, value]) => {
    if (/^on[A-Z]/.test(name) && typeof value === 'function') {
      const listener = ({ detail }: CustomEvent) => value(detail)
      return [`on${name.slice(2).toLowerCase()}`, listener]
    }
    return [ATTRIBUTES[name as keyof typeof ATTRIBUTES] ?? name, value]
  })
  return createElement('arcface-camera', Object.fromEntries(given))
}
