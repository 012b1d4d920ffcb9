import type { ComponentProps } from 'react'
import './controls.css'

export interface ButtonProps extends ComponentProps<'button'> {
  /** `main`: what one came for; `danger`: removes something. */
  kind?: 'main' | 'danger' | 'plain'
}

export const Button = ({ kind, className = '', type = 'button', ...rest }: ButtonProps) => (
  <button type={type} data-kind={kind} className={`button ${className}`} {...rest} />
)
