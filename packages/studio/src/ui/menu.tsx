import { Menu as Base } from '@base-ui/react/menu'
import type { ReactElement, ReactNode } from 'react'
import './overlays.css'

export interface MenuItem {
  label: ReactNode
  onClick(): void
  kind?: 'danger'
  disabled?: boolean
}

/** @param trigger the button that opens it */
export const Menu = ({ trigger, items }: { trigger: ReactElement; items: readonly MenuItem[] }) => (
  <Base.Root>
    <Base.Trigger render={trigger} />
    <Base.Portal>
      <Base.Positioner sideOffset={4} align="end">
        <Base.Popup className="popup">
          {items.map(({ label, onClick, kind, disabled = false }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they stay in their order
            <Base.Item key={i} {...{ onClick, disabled }} data-kind={kind}>
              {label}
            </Base.Item>
          ))}
        </Base.Popup>
      </Base.Positioner>
    </Base.Portal>
  </Base.Root>
)
