"""The frame of a training loop: frontal pictures in batches, read by two worker processes.

    python examples/train.py demo/release

What is learnt here, the sex, is only there to have a label; needs PyTorch.
"""

import sys

import torch
from torch.nn.functional import interpolate

from radrelease import Image, Release, Study, open_release
from radrelease.torch import ImageDataset, image_tensor

FRONTAL = ["frontal PA", "frontal AP"]


def item(study: Study, image: Image) -> tuple[torch.Tensor, torch.Tensor]:
    """A picture of 224 by 224 and its label."""
    picture = interpolate(image_tensor(image)[None], (224, 224), mode="bilinear", antialias=True)[0]
    return picture, torch.tensor(float(study.sex == "F"))


def train(release: Release) -> None:
    """One epoch."""
    dataset = ImageDataset(release.where(split="train", sex=["F", "M"]), item, view=FRONTAL)
    loader = torch.utils.data.DataLoader(dataset, batch_size=16, shuffle=True, num_workers=2)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, 8, 7, stride=4), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1),
        torch.nn.Flatten(), torch.nn.Linear(8, 1),
    )  # fmt: skip
    optimiser = torch.optim.Adam(network.parameters())
    for pictures, labels in loader:
        loss = torch.nn.functional.binary_cross_entropy_with_logits(network(pictures)[:, 0], labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        print(len(labels), "pictures, loss", round(loss.item(), 3))


if __name__ == "__main__":  # workers may be started anew
    train(open_release(sys.argv[1]))
