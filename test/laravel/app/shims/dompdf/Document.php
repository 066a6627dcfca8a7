<?php

namespace Barryvdh\DomPDF;

use Dompdf\Dompdf;

/** What a letter needs of barryvdh/laravel-dompdf. */
final class Document
{
    private Dompdf $dompdf;

    private bool $rendered = false;

    public function __construct()
    {
        $this->dompdf = new Dompdf(config('dompdf.options'));
        $this->dompdf->setBasePath(public_path());
    }

    public function loadView(string $view, array $data = []): self
    {
        return $this->loadHTML(view($view, $data)->render());
    }

    /** The wrapper hands these two signs to dompdf as entities. */
    public function loadHTML(string $html): self
    {
        $this->dompdf->loadHtml(str_replace(['€', '£'], ['&euro;', '&pound;'], $html));
        $this->rendered = false;

        return $this;
    }

    public function setPaper(string|array $size, string $orientation = 'portrait'): self
    {
        $this->dompdf->setPaper($size, $orientation);

        return $this;
    }

    public function setOption(string|array $name, mixed $value = null): self
    {
        $this->dompdf->getOptions()->set($name, $value);

        return $this;
    }

    public function output(): string
    {
        if (! $this->rendered) {
            $this->dompdf->render();
            $this->rendered = true;
        }

        return (string) $this->dompdf->output();
    }

    public function save(string $path): self
    {
        if (file_put_contents($path, $this->output()) === false) {
            throw new \RuntimeException("Cannot write {$path}");
        }

        return $this;
    }
}
