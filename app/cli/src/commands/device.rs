//! `--device`: what computes.

use clap::ValueEnum;
use repeat::DeviceKind;

/// The device that computes.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Device {
    /// This machine's processor.
    Cpu,
    /// The same, with the inputs of matrix products rounded to bf16: faster where the processor
    /// has instructions for it.
    CpuBf16,
    /// An NVIDIA GPU, by CUDA.
    Cuda,
    /// A GPU with a Vulkan driver.
    Vulkan,
    /// An Apple GPU, by Metal.
    Metal,
}

impl Device {
    pub(crate) fn kind(self) -> DeviceKind {
        match self {
            Device::Cpu => DeviceKind::Cpu,
            Device::CpuBf16 => DeviceKind::CpuBf16,
            Device::Cuda => DeviceKind::Cuda,
            Device::Vulkan => DeviceKind::Vulkan,
            Device::Metal => DeviceKind::Metal,
        }
    }
}
