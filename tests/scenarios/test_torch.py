"""A release in PyTorch's data loader, and what is said where PyTorch is not there."""

from __future__ import annotations

import importlib
import sys

import pytest
from loader_items import first_picture

from radrelease import open_release
from radrelease.errors import MissingExtra

pytestmark = [pytest.mark.xdist_group("release"), pytest.mark.filterwarnings("default")]


def test_without_pytorch_its_adapter_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "radrelease.torch", raising=False)
    with pytest.raises(MissingExtra, match="PyTorch is not installed"):
        importlib.import_module("radrelease.torch")


def both(study, image):
    return study.id, image.image_id


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed")


@pytest.fixture(params=["native", "rexgradient"])
def release(request, place):
    return open_release(place.release / request.param)


def test_a_tensor_is_the_picture_from_0_to_1(torch, release):
    from radrelease.torch import image_tensor

    image = release[0].images[0]
    tensor = image_tensor(image)
    assert tensor.dtype == torch.float32
    assert tensor.shape == (1, image.height, image.width)
    assert torch.equal(tensor[0], torch.from_numpy(image.to_unit()))


def test_one_item_per_picture_of_the_views_asked_for(torch, release):
    from radrelease.torch import ImageDataset

    train = release.where(split="train")
    expected = [(s.id, i.image_id) for s in train for i in s.images if i.view == "lateral"]
    dataset = ImageDataset(train, both, view="lateral")
    assert [dataset[index] for index in range(len(dataset))] == expected
    assert len(ImageDataset(train, both)) == sum(len(study.images) for study in train)
    assert len(ImageDataset(train[:0], both)) == 0


@pytest.mark.parametrize("method", ["fork", "spawn", None])
def test_workers_of_a_loader_read_what_this_process_reads(torch, release, method):
    from radrelease.torch import StudyDataset

    chosen = release[:6]
    dataset = StudyDataset(chosen, first_picture)
    here = [dataset[index] for index in range(6)]  # files are open when the workers begin
    loader = torch.utils.data.DataLoader(
        dataset, batch_size=None, num_workers=1 if method else 0, multiprocessing_context=method
    )
    for mine, theirs in zip(here, loader, strict=True):
        assert mine[0] == theirs[0]
        assert torch.equal(mine[1], theirs[1])
