import { AlertDialog } from '@base-ui/react/alert-dialog'
import { Dialog as Base } from '@base-ui/react/dialog'
import { type CSSProperties, type ReactNode, useState } from 'react'
import { useWords } from '../language/language.js'
import { Button } from './button.js'
import './overlays.css'
import { Problem } from './problem.js'
import { words } from './words.js'

/** A dialog over the page: Escape and a click beside it close it, and where the focus was it is again. */
export const Dialog = ({
  open,
  onClose,
  title,
  wide,
  children,
}: {
  open: boolean
  onClose(): void
  title: ReactNode
  /** Such as `60rem`. */
  wide?: string
  children: ReactNode
}) => (
  <Base.Root open={open} onOpenChange={(isOpen) => isOpen || onClose()}>
    <Base.Portal>
      <Base.Backdrop className="backdrop" />
      <Base.Popup className="dialog" style={wide ? ({ '--wide': wide } as CSSProperties) : {}}>
        <Base.Title>{title}</Base.Title>
        {children}
      </Base.Popup>
    </Base.Portal>
  </Base.Root>
)

/** Asks before something is removed; `children` say what goes. Stays open, with the problem, where the work failed. */
export function ConfirmDialog({
  open,
  onClose,
  title,
  action,
  kind = 'danger',
  disabled = false,
  onConfirm,
  children,
}: {
  open: boolean
  onClose(): void
  title: ReactNode
  /** What the button says: "Delete". */
  action: string
  kind?: 'danger' | 'main'
  /** What has to be said first is not yet. */
  disabled?: boolean
  onConfirm(): Promise<unknown>
  children: ReactNode
}) {
  const t = useWords(words)
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const confirm = async () => {
    setBusy(true)
    setError(null)
    try {
      await onConfirm()
      onClose()
    } catch (thrown) {
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }
  return (
    <AlertDialog.Root open={open} onOpenChange={(isOpen) => isOpen || isBusy || onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop" />
        <AlertDialog.Popup className="dialog">
          <AlertDialog.Title>{title}</AlertDialog.Title>
          <AlertDialog.Description render={<div />}>{children}</AlertDialog.Description>
          {error !== null && <Problem error={error} />}
          <div className="actions">
            <AlertDialog.Close render={<Button disabled={isBusy}>{t.cancel}</Button>} />
            <Button kind={kind} disabled={isBusy || disabled} onClick={confirm}>
              {action}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
