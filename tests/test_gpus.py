"""What the driver says is said of the GPUs that CUDA sees, and of no others."""

# ruff: noqa: N802 - the driver names its questions

import os
import sys
from types import SimpleNamespace

import pytest

from trax import gpus
from trax.gpus import GpuUsage, gpu_usage


class DriverError(Exception):
    pass


class Driver(SimpleNamespace):
    """NVIDIA's driver, with GPUs that it lists in an order of its own.

    Attributes:
        gpus: bus, UUID and name of each.
        lost: buses of GPUs that answer nothing any more.
        silent: names of questions that no GPU answers.
    """

    NVMLError = DriverError

    def nvmlInit(self):
        if self.gpus is None:
            raise DriverError("Driver Not Loaded")

    def nvmlDeviceGetCount(self):
        return len(self.gpus)

    def nvmlDeviceGetHandleByIndex(self, index):
        return self.gpus[index]

    def nvmlDeviceGetHandleByUUID(self, uuid):
        if uuid != "MIG-1":
            raise DriverError("Not Found")
        return ("7", uuid, "part")

    def nvmlDeviceGetPciInfo(self, gpu):
        return SimpleNamespace(busId=gpu[0].encode())

    def nvmlDeviceGetUUID(self, gpu):
        return gpu[1]

    def nvmlDeviceGetName(self, gpu):
        return gpu[2]

    def nvmlDeviceGetMemoryInfo(self, gpu):
        self._answer(gpu, "memory")
        return SimpleNamespace(used=int(gpu[0]), total=10)

    def nvmlDeviceGetUtilizationRates(self, gpu):
        self._answer(gpu, "rates")
        return SimpleNamespace(gpu=50)

    def nvmlDeviceGetComputeRunningProcesses(self, gpu):
        self._answer(gpu, "processes")
        own = SimpleNamespace(pid=os.getpid(), usedGpuMemory=7)
        unsaid = SimpleNamespace(pid=os.getpid(), usedGpuMemory=None)
        return [own, unsaid, SimpleNamespace(pid=-1, usedGpuMemory=9)]

    def _answer(self, gpu, question):
        if gpu[0] in self.lost or question in self.silent:
            raise DriverError("GPU is lost")


ALIKE = [("3", "GPU-cc", "H100"), ("1", "GPU-aa", "H100"), ("2", "GPU-ab", "H100")]
DIFFERENT = [*ALIKE[:2], ("2", "GPU-ab", "GT 710")]


@pytest.fixture
def driver(monkeypatch):
    """A driver to be given GPUs."""
    made = Driver(gpus=ALIKE, lost=[], silent=[])
    monkeypatch.setitem(sys.modules, "pynvml", made)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.delenv("CUDA_DEVICE_ORDER", raising=False)
    gpus._gpus.cache_clear()
    yield made
    gpus._gpus.cache_clear()


def buses() -> list[int]:
    """Where the GPUs that are asked are plugged in."""
    return [round(10 * each.taken) for each in gpu_usage()]


class TestGpus:
    def test_the_driver_says_what_a_gpu_does(self, driver):
        """And which memory is this process's."""
        assert gpu_usage()[0] == GpuUsage(busy=0.5, taken=0.1, own_bytes=7)

    @pytest.mark.parametrize(
        ("visible", "found"),
        [
            (None, [1, 2, 3]),
            ("0", [1]),
            ("2, 0", [3, 1]),
            ("1,7,0", [2]),
            ("-1", []),
            ("", []),
            ("NoDevFiles", []),
            ("GPU-cc", [3]),
            ("GPU-c", [3]),
            ("GPU-a", []),
            ("GPU-ab,0", [2, 1]),
            ("MIG-1", [7]),
            ("MIG-2", []),
        ],
    )
    def test_gpus_are_those_that_cuda_sees(self, visible, found, driver, monkeypatch):
        """By number in the order of their sockets, by UUID, up to the first that there is not."""
        if visible is not None:
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        assert buses() == found

    def test_gpus_that_differ_are_numbered_only_where_cuda_numbers_them_alike(
        self, driver, monkeypatch, caplog
    ):
        """By speed otherwise: figures of another GPU would be worse than none."""
        driver.gpus = DIFFERENT
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
        assert buses() == []
        assert "CUDA_DEVICE_ORDER=PCI_BUS_ID" in caplog.text
        monkeypatch.setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
        gpus._gpus.cache_clear()
        assert buses() == [2]

    def test_gpus_that_differ_are_all_seen_if_none_is_hidden(self, driver):
        """Whatever CUDA calls them."""
        driver.gpus = DIFFERENT
        assert buses() == [1, 2, 3]

    @pytest.mark.parametrize(
        ("silent", "found"),
        [
            (["rates"], GpuUsage(0.0, 0.1, 7)),
            (["processes"], GpuUsage(0.5, 0.1, 0)),
            (["memory"], GpuUsage(0.5, 0.0, 7)),
            (["memory", "rates", "processes"], GpuUsage(0.0, 0.0, 0)),
        ],
    )
    def test_a_gpu_that_says_less_says_what_it_can(self, silent, found, driver):
        """Part of one, or a virtual one."""
        driver.silent = silent
        assert gpu_usage()[0] == found

    def test_a_gpu_that_is_lost_meanwhile_says_nothing(self, driver):
        """Others go on."""
        assert buses() == [1, 2, 3]
        driver.lost = ["2"]
        assert buses() == [1, 0, 3]

    def test_without_a_driver_there_are_none(self, driver, monkeypatch):
        """Nor without its library."""
        driver.gpus = None
        assert gpu_usage() == []
        gpus._gpus.cache_clear()
        monkeypatch.setitem(sys.modules, "pynvml", None)
        assert gpu_usage() == []
