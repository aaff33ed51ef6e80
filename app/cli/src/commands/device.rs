//! The option that says where numbers are crunched.

use clap::ValueEnum;
use repeat::DeviceKind;

/// Where numbers are crunched.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Device {
    /// This machine's processor.
    Cpu,
    /// The same, with what is multiplied rounded to bf16: faster where the processor has the
    /// instructions.
    CpuBf16,
    /// An NVIDIA card.
    Cuda,
    /// A card that Vulkan reaches.
    Vulkan,
    /// An Apple processor's graphics.
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
