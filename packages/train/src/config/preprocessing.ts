import { preprocessingSchema } from '@arcface/onnx'
import { z } from 'zod'

const { colorOrder, range, mean, std } = preprocessingSchema.shape

/** Single values of what an ONNX file wants pixels to be; null: what it says itself. */
export const preprocessing = z
  .strictObject({
    colorOrder: colorOrder.unwrap().optional(),
    range: range.unwrap().optional(),
    mean: mean.unwrap().optional(),
    std: std.unwrap().optional(),
  })
  .nullable()
  .default(null)
