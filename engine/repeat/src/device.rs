use burn::tensor::Device;

use crate::fault::RepeatFault;
use crate::options::DeviceKind;

/// The tensor library's device, if this binary has it.
pub(crate) fn device(kind: DeviceKind) -> Result<Device, RepeatFault> {
    match kind {
        DeviceKind::Cpu => Ok(Device::flex()),
        #[cfg(feature = "cuda")]
        DeviceKind::Cuda => Ok(Device::cuda(0usize)),
        #[cfg(feature = "vulkan")]
        DeviceKind::Vulkan => Ok(Device::vulkan(burn::tensor::DeviceKind::DefaultDevice)),
        #[cfg(feature = "metal")]
        DeviceKind::Metal => Ok(Device::metal(burn::tensor::DeviceKind::DefaultDevice)),
        #[cfg(not(all(feature = "cuda", feature = "vulkan", feature = "metal")))]
        other => Err(RepeatFault::NoDevice { device: word(other).into() }),
    }
}

/// The word on the command line.
pub(crate) fn word(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Cpu => "cpu",
        DeviceKind::Cuda => "cuda",
        DeviceKind::Vulkan => "vulkan",
        DeviceKind::Metal => "metal",
    }
}
