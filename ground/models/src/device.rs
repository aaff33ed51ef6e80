//! Where numbers are crunched.

use burn::tensor::Device;
use kernels::Precision;
use serde::{Deserialize, Serialize};

use crate::ModelFault;

/// A kind of device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceKind {
    /// This machine's processor.
    #[default]
    Cpu,
    /// The same, with what is multiplied rounded to bf16.
    CpuBf16,
    /// An NVIDIA card.
    Cuda,
    /// A card that Vulkan reaches.
    Vulkan,
    /// An Apple processor's graphics.
    Metal,
}

impl DeviceKind {
    /// The word on the command line, and the feature that brings it.
    pub fn word(self) -> &'static str {
        match self {
            DeviceKind::Cpu => "cpu",
            DeviceKind::CpuBf16 => "cpu-bf16",
            DeviceKind::Cuda => "cuda",
            DeviceKind::Vulkan => "vulkan",
            DeviceKind::Metal => "metal",
        }
    }
}

impl DeviceKind {
    /// What operands of products are rounded to there.
    pub fn precision(self) -> Precision {
        match self {
            DeviceKind::CpuBf16 => Precision::Bf16,
            DeviceKind::Cpu | DeviceKind::Cuda | DeviceKind::Vulkan | DeviceKind::Metal => Precision::F32,
        }
    }
}

/// The tensor library's device, if this binary has it.
pub fn device(kind: DeviceKind) -> Result<Device, ModelFault> {
    match kind {
        DeviceKind::Cpu | DeviceKind::CpuBf16 => Ok(Device::flex()),
        #[cfg(feature = "cuda")]
        DeviceKind::Cuda => Ok(Device::cuda(0usize)),
        #[cfg(feature = "vulkan")]
        DeviceKind::Vulkan => Ok(Device::vulkan(burn::tensor::DeviceKind::DefaultDevice)),
        #[cfg(feature = "metal")]
        DeviceKind::Metal => Ok(Device::metal(burn::tensor::DeviceKind::DefaultDevice)),
        #[cfg(not(all(feature = "cuda", feature = "vulkan", feature = "metal")))]
        other => Err(ModelFault::NoDevice(other.word())),
    }
}
