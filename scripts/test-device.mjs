// Tests that ask for no device make their tensors on that of DEVICE.
import { setDefaultDevice } from '@arcface/libtorch'

setDefaultDevice(process.env.DEVICE)
