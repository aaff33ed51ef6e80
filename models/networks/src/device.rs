//! The device that computes.

use burn::tensor::Device;
#[cfg(any(feature = "vulkan", feature = "metal"))]
use burn::tensor::DeviceKind::DefaultDevice;
#[cfg(any(feature = "cuda", feature = "vulkan", feature = "metal"))]
use burn::tensor::DeviceType;
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
    /// An NVIDIA GPU.
    Cuda,
    /// A GPU with a Vulkan driver.
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
    /// Whether it is this machine's processor.
    pub fn is_processor(self) -> bool {
        matches!(self, DeviceKind::Cpu | DeviceKind::CpuBf16)
    }

    /// What operands of products are rounded to there.
    pub fn precision(self) -> Precision {
        match self {
            DeviceKind::CpuBf16 => Precision::Bf16,
            DeviceKind::Cpu | DeviceKind::Cuda | DeviceKind::Vulkan | DeviceKind::Metal => Precision::F32,
        }
    }
}

/// The tensor library's device, if this binary has it and this machine does.
pub fn device(kind: DeviceKind) -> Result<Device, ModelFault> {
    match kind {
        DeviceKind::Cpu | DeviceKind::CpuBf16 => Ok(Device::flex()),
        #[cfg(feature = "cuda")]
        DeviceKind::Cuda => present(kind, DeviceType::Cuda, || Device::cuda(0usize)),
        #[cfg(feature = "vulkan")]
        DeviceKind::Vulkan => present(kind, DeviceType::Vulkan, || Device::vulkan(DefaultDevice)),
        #[cfg(feature = "metal")]
        DeviceKind::Metal => present(kind, DeviceType::Metal, || Device::metal(DefaultDevice)),
        #[cfg(not(all(feature = "cuda", feature = "vulkan", feature = "metal")))]
        other => Err(ModelFault::NoDevice(other.word())),
    }
}

/// The device, where a driver shows one: who opens one that is not there gets no error to show but
/// a panic.
#[cfg(any(feature = "cuda", feature = "vulkan", feature = "metal"))]
fn present(kind: DeviceKind, of: DeviceType, open: impl FnOnce() -> Device) -> Result<Device, ModelFault> {
    match Device::enumerate(of).into_vec().is_empty() {
        true => Err(ModelFault::AbsentDevice(kind.word())),
        false => Ok(open()),
    }
}

/// How far each operation of a device is from the processor's.
pub fn agreements(kind: DeviceKind) -> Result<Vec<kernels::Agreement>, ModelFault> {
    Ok(kernels::agreements(&device(kind)?))
}
